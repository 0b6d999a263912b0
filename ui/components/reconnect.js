// Streamlit says on its outermost element how the connection is. The browser asks for the redraw, not the server: a rerun
// that the server starts by itself may overtake a click on another page, and leave that page blank.
export default function (component) {
  const app = document.querySelector('[data-testid=stApp]'), root = component.parentElement;
  const state = () => app.dataset.testConnectionState;
  const S = (root.__reconnect ??= { isLost: false });
  const again = () => component.setTriggerValue('found', Date.now());
  S.observer?.disconnect();
  window.removeEventListener('windtunnel:redraw', S.again);
  window.addEventListener('windtunnel:redraw', S.again = again);
  S.observer = new MutationObserver(() => {
    if (state() !== 'CONNECTED') S.isLost = true;
    else if (S.isLost) {
      S.isLost = false;
      again();
    }
  });
  S.observer.observe(app, { attributeFilter: ['data-test-connection-state'] });
  return () => { S.observer.disconnect(); window.removeEventListener('windtunnel:redraw', S.again); };
}
