// Messages on this phone: shown where the browser has them; asked for only when the person presses the button.

const part = document.querySelector("[data-push]");
const begin = part.querySelector("[data-push-begin]");
const end = part.querySelector("[data-push-end]");

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const b64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const wrong = (text) => {
  const said = part.querySelector("[data-push-wrong]");
  said.textContent = text;
  said.hidden = false;
};

const subscribe = async () => {
  if (await Notification.requestPermission() !== "granted") {
    wrong(part.dataset.refused);
    return;
  }
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const given = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(part.dataset.push) });
    begin.elements.endpoint.value = given.endpoint;
    for (const name of ["p256dh", "auth"]) begin.elements[name].value = b64(given.getKey(name));
  } catch {
    wrong(part.dataset.failed); // such as a country where the browser's maker is not reached
    return;
  }
  begin.submit();
};

if ("PushManager" in window && "Notification" in window && navigator.serviceWorker && window.isSecureContext) {
  part.hidden = false;
  begin?.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe();
  });
  end?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const worker = await navigator.serviceWorker.getRegistration();
    await (await worker?.pushManager.getSubscription())?.unsubscribe().catch(() => {});
    end.submit();
  });
}
