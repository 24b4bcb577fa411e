// A map to pick a place on, loaded when it is opened. Lists and the phone's position do the same without it.

for (const part of document.querySelectorAll("[data-picking]")) {
  part.hidden = false;
  part.addEventListener("toggle", async () => {
    const holder = part.querySelector("[data-map]");
    if (!part.open || part.dataset.drawn) return;
    part.dataset.drawn = "1";
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: part.dataset.style });
    const styled = new Promise((done) => { style.addEventListener("load", done); style.addEventListener("error", done); });
    document.head.append(style);
    try {
      const [{ draw }] = await Promise.all([import(part.dataset.script), styled]);
      await draw(holder);
    } catch {
      holder.hidden = true;
      part.querySelector("[data-picked]").textContent = part.querySelector("[data-picked]").dataset.failed;
    }
  });
}
