// Streamlit says on its outermost element how the connection is.
export default function (component) {
  const app = document.querySelector('[data-testid=stApp]'), root = component.parentElement;
  const state = () => app.dataset.testConnectionState;
  const S = (root.__reconnect ??= { isLost: false });
  S.observer?.disconnect();
  S.observer = new MutationObserver(() => {
    if (state() !== 'CONNECTED') S.isLost = true;
    else if (S.isLost) {
      S.isLost = false;
      component.setTriggerValue('found', Date.now());
    }
  });
  S.observer.observe(app, { attributeFilter: ['data-test-connection-state'] });
  return () => S.observer.disconnect();
}
