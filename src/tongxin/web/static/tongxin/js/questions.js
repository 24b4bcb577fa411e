// The extra questions follow the chosen kind. Without this the server asks them on the next page.

export const followKind = (form, changed = () => {}) => {
  const holder = form.querySelector("[data-questions]");
  if (!holder) return;
  const kept = new Map();
  const show = (code) => {
    const shown = holder.dataset.questions;
    if (!code || code === shown) return;
    kept.set(shown, [...holder.childNodes]);
    const template = form.querySelector(`template[data-questions-of="${CSS.escape(code)}"]`);
    holder.replaceChildren(...(kept.get(code) ?? (template ? [template.content.cloneNode(true)] : [])));
    holder.dataset.questions = code;
    changed();
  };
  form.addEventListener("change", ({ target }) => {
    if (target.name === holder.dataset.questionsBy) show(target.value || holder.dataset.questionsTop);
  });
};
