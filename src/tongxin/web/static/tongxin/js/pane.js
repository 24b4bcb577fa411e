// On a wide desk a row opens beside the list without leaving it: the page behind the link is fetched, its detail is
// taken over, the list keeps its place. Anything unexpected falls back to following the link.

const wide = window.matchMedia("(min-width: 80rem)");
let wanted = 0;

const markCurrent = (address) => {
  for (const link of document.querySelectorAll("[data-pane]")) {
    const current = link.href === address;
    link.closest(".queue-row")?.toggleAttribute("data-current", current);
    if (current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

const open = async (address, { push }) => {
  const ticket = ++wanted;
  const answer = await fetch(address, { headers: { Accept: "text/html", "X-Pane": "1" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (ticket !== wanted) return; // a later choice has overtaken this one
  const detail = page.getElementById("detail");
  const body = document.querySelector(".desk-body");
  if (!answer.ok || !detail || answer.redirected) {
    location.assign(address);
    return;
  }
  const old = document.getElementById("detail");
  if (old) old.replaceWith(detail);
  else body.append(detail);
  body.classList.add("with-detail");
  body.dataset.open = "";
  document.title = page.title;
  if (push) history.pushState({ pane: true }, "", address);
  markCurrent(address);
  document.dispatchEvent(new CustomEvent("tongxin:pane", { detail: { element: detail } }));
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-pane]");
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.href, { push: true }).catch(() => location.assign(link.href));
});

window.addEventListener("popstate", () => {
  open(location.href, { push: false }).catch(() => location.reload());
});
