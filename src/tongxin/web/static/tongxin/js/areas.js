// The area picker grows level by level: choosing an area asks for what lies in it. Answer of the server:
// {"label": "楼栋", "options": [["code", "name"], …]}; no options means that this is the last level.

const grow = async (picker, select) => {
  while (select.nextElementSibling) select.nextElementSibling.remove();
  if (!select.value) return;
  const address = new URL(picker.dataset.areas, location.href);
  address.searchParams.set("parent", select.value);
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`areas: ${answer.status}`);
  const level = await answer.json();
  if (!level.options.length) return;
  const next = document.createElement("select");
  next.className = "select";
  next.name = select.name;
  next.setAttribute("aria-label", level.label);
  next.append(new Option(level.label, ""), ...level.options.map(([code, name]) => new Option(name, code)));
  select.after(next);
};

for (const picker of document.querySelectorAll("[data-areas]")) {
  if (!picker.dataset.areas) continue;
  const button = picker.querySelector("[data-no-js]");
  button.hidden = true;
  picker.addEventListener("change", (event) => {
    if (!event.target.matches("select")) return;
    grow(picker, event.target).catch(() => { button.hidden = false; });
  });
}
