// Kinds that a text may be of, offered while one types. The person chooses; nothing is chosen for them.

const WAIT = 350;
const SHORTEST = 6;

const choose = (form, code) => {
  const radio = form.querySelector(`input[type=radio][name=category][value="${CSS.escape(code)}"]`);
  if (!radio) return;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.focus();
};

/** Offer what the server says in [data-kinds]. `ask(text)` gives [[code, name], …]. */
export const offerKinds = (form, kinds) => {
  const holder = form.querySelector("[data-kinds]");
  const list = holder?.querySelector("[data-kinds-list]");
  if (!list) return;
  const fitting = kinds.filter(([code]) => form.querySelector(`input[name=category][value="${CSS.escape(code)}"]`));
  const now = fitting.map(([code]) => code).join();
  if (list.dataset.shown === now) return;
  list.dataset.shown = now;
  list.replaceChildren(...fitting.map(([code, name]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filter";
    button.dataset.kind = code;
    button.textContent = name;
    button.addEventListener("click", () => choose(form, code));
    return button;
  }));
  holder.hidden = !fitting.length;
};

export const watchKinds = (form, address) => {
  const text = form.querySelector("[name=text]");
  if (!text || !form.querySelector("[data-kinds]")) return;
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const said = text.value.trim();
    if (said.length < SHORTEST) { offerKinds(form, []); return; }
    const own = ++asked;
    const body = new FormData();
    body.set("text", said);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(address, { method: "POST", body });
      if (answer.ok && own === asked) offerKinds(form, (await answer.json()).kinds);
    } catch { /* without signal nothing is offered */ }
  };
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  if (text.value.trim()) ask();
};
