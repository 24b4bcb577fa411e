// The desk's list keeps its place when one comes back to it; ready texts fill their field; filters open beside the list.

const list = document.querySelector("[data-list]");
const PLACE = "tongxin.place";

if (list) {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  if (kept?.list === list.dataset.list) scrollTo({ top: kept.top });
  addEventListener("pagehide", () => {
    sessionStorage.setItem(PLACE, JSON.stringify({ list: list.dataset.list, top: scrollY }));
  });
}

const ready = () => {
  for (const group of document.querySelectorAll("[data-templates]")) {
    for (const button of group.querySelectorAll("[data-text]")) button.hidden = false;
    for (const plain of group.querySelectorAll("[data-no-js]")) plain.hidden = true;
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-text]");
  if (!button) return;
  const field = document.getElementById(button.closest("[data-templates]").dataset.templates);
  field.value = field.value ? `${field.value}\n${button.dataset.text}` : button.dataset.text;
  field.focus();
});

ready();
