// Sends what this browser still holds for documents that are not open, and drops it once the server has it. It looks again
// and again, because the editor may leave a text behind after this has mounted, and because the server may be away.
const PREFIX = 'windtunnel:draft:';
const FIRST_LOOK_MS = 150, LOOK_MS = 2000;  // a value that is set while the component mounts is lost

export default function (component) {
  const { parentElement: root, data } = component;
  const S = (root.__outbox ??= { refused: new Map() });
  let hasSaved = false;
  for (const [key, answer] of Object.entries(data.answers)) {
    const copy = stored(key);
    if (!copy || copy.sequence > answer.sequence) continue;
    if (answer.kept) { localStorage.removeItem(key); hasSaved = true; }
    else S.refused.set(key, answer.sequence);  // the person decides when the section is opened
  }
  if (hasSaved && data.redraw) window.dispatchEvent(new Event('windtunnel:redraw'));

  function look() {
    const edits = Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => ({ ...stored(key), key }))
      .filter((copy) => copy.doc && !data.open.includes(copy.doc) && !(S.refused.get(copy.key) >= copy.sequence))
      .slice(0, 20);
    if (edits.length) component.setStateValue('edits', { edits, nonce: Date.now() });
  }

  clearTimeout(S.first); clearInterval(S.again);
  S.first = setTimeout(look, FIRST_LOOK_MS);
  S.again = setInterval(look, LOOK_MS);
  return () => { clearTimeout(S.first); clearInterval(S.again); };
}

function stored(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}
