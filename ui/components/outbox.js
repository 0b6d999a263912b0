// Sends what this browser still holds for sections that are not open, and drops it once the server has it.
const PREFIX = 'windtunnel:draft:';

export default function (component) {
  const { parentElement: root, data } = component;
  for (const [key, sequence] of Object.entries(data.kept)) {
    const copy = JSON.parse(localStorage.getItem(key) ?? 'null');
    if (copy && copy.sequence <= sequence) localStorage.removeItem(key);
  }
  const edits = [];
  for (let i = 0; i < localStorage.length; i++) {
    const key = localStorage.key(i);
    if (!key.startsWith(PREFIX)) continue;
    const copy = JSON.parse(localStorage.getItem(key));
    if (copy.doc !== data.open) edits.push({ key, ...copy });
  }
  const seen = JSON.stringify(edits.map((edit) => [edit.key, edit.sequence]));
  if (edits.length && root.__sent !== seen) {
    root.__sent = seen;
    // a value that is set while the component mounts is lost
    setTimeout(() => component.setStateValue('edits', edits.slice(0, 20)), 150);
  }
}
