export function frontPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Skriptoteket</title>
<h1>Skriptoteket</h1>
<p>A library of small tools for people who would rather not write scripts.</p>
<p><a href="/tools">All tools</a></p>
<footer>Release ${version.replace(/[^\w.+-]/g, "")}</footer>
</html>
`;
}
