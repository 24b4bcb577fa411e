// The desk's keyboard: j and k walk the list, Enter opens (the link has the focus), other letters press what carries
// data-key. Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser.

const STORE = "tongxin.keys";
const enabled = () => localStorage.getItem(STORE) !== "off";

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

const walk = (step) => {
  const links = [...document.querySelectorAll("[data-keys-list] .q-title")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement.closest(".queue-row")?.querySelector(".q-title"));
  const chosen = at < 0 ? links.findIndex((link) => link.closest("[data-current]")) : at;
  const next = Math.min(links.length - 1, Math.max(0, chosen + step));
  links[next].focus();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!enabled()) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else {
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  }
  event.preventDefault();
});

const legends = () => {
  for (const legend of document.querySelectorAll("[data-keys-legend]")) {
    legend.hidden = false;
    legend.querySelector("[data-keys-switch]").checked = enabled();
  }
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-switch]")) localStorage.setItem(STORE, event.target.checked ? "on" : "off");
});
document.addEventListener("tongxin:pane", legends);
legends();
