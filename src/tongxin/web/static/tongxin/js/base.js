// What every page may use: read aloud, share, copy, print, menus that close. All of it is extra; pages work without.

const shown = (selector) => {
  for (const element of document.querySelectorAll(selector)) element.hidden = false;
};

const say = (button, text) => {
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = text;
  setTimeout(() => { label.textContent = before; }, 2000);
};

const copyText = async (button, text) => {
  await navigator.clipboard.writeText(text);
  say(button, button.dataset.done);
};

const readAloud = (button) => {
  const speech = window.speechSynthesis;
  if (speech.speaking) {
    speech.cancel();
    button.setAttribute("aria-pressed", "false");
    return;
  }
  const target = document.getElementById(button.dataset.read);
  if (!target) return;
  const words = new SpeechSynthesisUtterance(target.innerText);
  words.lang = document.documentElement.lang;
  words.rate = 0.9;
  words.onend = () => button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", "true");
  speech.speak(words);
};

const share = async (button) => {
  const address = new URL(button.dataset.url ?? location.href, location.href).href;
  if (!navigator.share) return copyText(button, address);
  try {
    await navigator.share({ title: button.dataset.share, url: address });
  } catch (error) {
    if (error.name !== "AbortError") throw error; // the person closed the sheet: nothing to do
  }
};

if ("speechSynthesis" in window) shown("[data-read]");
if (navigator.share || navigator.clipboard) shown("[data-share]");
if (navigator.clipboard) shown("[data-copy]");
shown("[data-print]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.read) readAloud(button);
  else if (button?.dataset.share !== undefined) share(button);
  else if (button?.dataset.copy !== undefined) copyText(button, button.dataset.copy);
  else if (button?.dataset.print !== undefined) window.print();
  for (const menu of document.querySelectorAll("details.menu-pop[open], details.desk-menu-top[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu-pop[open], details.desk-menu-top[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A form that was refused says so first, and a form is sent once however often its button is tapped.
document.querySelector("[data-focus]")?.focus();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
  // A download leaves the page standing, so its form may be sent again.
  if (form.matches("[data-download]")) setTimeout(() => { delete form.dataset.sent; }, 1500);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
