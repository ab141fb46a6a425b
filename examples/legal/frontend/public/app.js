const state = document.getElementById("state");
try {
  const response = await fetch("/api/laws");
  if (!response.ok) throw new Error(`the register answered ${response.status}`);
  const { laws, count = laws.length } = await response.json();
  for (const { title, year } of laws) {
    const item = document.createElement("li");
    item.textContent = `${title} (${year})`;
    document.getElementById("laws").append(item);
  }
  state.textContent = laws.length < count ? `${count} laws, of which these are the first ${laws.length}` : `${count} laws`;
} catch (error) {
  state.textContent = `The laws can't be shown: ${error.message}`;
}
