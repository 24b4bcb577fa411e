// What moves by itself, such as an import being checked, is fetched again every few seconds (data-live="2") until the
// server draws it without the mark. Focus inside of it is kept alone: while somebody is there, nothing is replaced.

const refresh = async (part) => {
  if (part.contains(document.activeElement) || document.hidden) return part;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return part;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  if (!fresh) return part;
  part.replaceWith(document.adoptNode(fresh));
  return fresh;
};

const watch = (part) => {
  const seconds = Number(part.dataset.live);
  if (!seconds) return;
  setTimeout(() => refresh(part).catch(() => part).then(watch), seconds * 1000);
};

for (const part of document.querySelectorAll("[data-live]")) watch(part);
