// A text area that saves while one types. The browser keeps a copy of every change that the server has not confirmed.
//
// An edit carries the writer (this tab), a sequence number and the revision it is based on. The server confirms by sending
// back the writer and sequence that it kept; if it kept another tab's text instead, the person decides.
const PREFIX = 'windtunnel:draft:';
const PAUSE_MS = 600, BLUR_MS = 250, FIRST_RETRY_MS = 3000, LAST_RETRY_MS = 20000;
const writer = (window.__windtunnelWriter ??= crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2));

export default function (component) {
  const { parentElement: root, data } = component;
  const area = root.querySelector('textarea'), note = root.querySelector('.note'), choice = root.querySelector('.choice');
  const S = (root.__editor ??= { doc: null, sequence: 0, confirmed: 0, base: 0 });
  S.send = (edit) => component.setStateValue('edit', edit);
  root.querySelector('label').textContent = data.label;
  area.rows = data.rows;
  area.placeholder = data.placeholder;

  const key = () => PREFIX + S.doc + ':' + writer;
  const isDirty = () => S.sequence > S.confirmed;
  const say = (text) => { if (note.textContent !== text) note.textContent = text; };

  function keepCopy() {
    try {
      localStorage.setItem(key(), JSON.stringify({ doc: S.doc, writer, sequence: S.sequence, base: S.base, text: area.value }));
    } catch { /* no room: the server still gets every edit */ }
  }

  function flush() {
    clearTimeout(S.timer); clearTimeout(S.retry);
    S.timer = null;
    if (!isDirty() || S.inConflict) return;
    S.send({ doc: S.doc, writer, sequence: S.sequence, base: S.base, text: area.value, nonce: Date.now() });
    S.wait = Math.min((S.wait ?? FIRST_RETRY_MS / 1.5) * 1.5, LAST_RETRY_MS);
    S.retry = setTimeout(() => { say('Not saved yet. This browser keeps a copy and tries again.'); flush(); }, S.wait);
  }

  function schedule(ms) { clearTimeout(S.timer); S.timer = setTimeout(flush, ms); }

  function changed() {
    S.sequence += 1;
    say('Saving');
    keepCopy();
    schedule(PAUSE_MS);
  }

  function offer(text, why) {           // another text exists: show both ways out, decide nothing
    S.inConflict = true;
    choice.hidden = false;
    choice.querySelector('.why').textContent = why;
    choice.querySelector('.mine').onclick = () => { settle(); S.base = S.server.revision; S.sequence += 1; keepCopy(); flush(); };
    choice.querySelector('.theirs').onclick = () => { settle(); area.value = text; S.base = S.server.revision; S.confirmed = S.sequence;
      localStorage.removeItem(key()); say('Saved'); };
  }
  function settle() { S.inConflict = false; choice.hidden = true; area.focus(); }

  function open() {                     // another document: load it, or the newer copy that this browser kept
    if (S.timer) flush();
    clearTimeout(S.retry);
    Object.assign(S, { doc: data.doc, base: data.revision, sequence: 0, confirmed: 0, wait: undefined, inConflict: false });
    choice.hidden = true;
    area.value = data.text;
    if (data.writer === writer) S.sequence = S.confirmed = data.sequence;
    for (const copy of copies(S.doc)) {
      if (copy.writer === data.writer && copy.sequence <= data.sequence || copy.text === data.text) localStorage.removeItem(copy.key);
      else if (copy.base === data.revision || copy.writer === data.writer) {
        area.value = copy.text;
        S.sequence = Math.max(S.sequence, copy.writer === writer ? copy.sequence : 0) + 1;
        localStorage.removeItem(copy.key);
        keepCopy();
        schedule(0);
      } else {
        const saved = data.text;
        area.value = copy.text;
        localStorage.removeItem(copy.key);
        S.sequence += 1; keepCopy();
        offer(saved, 'This browser holds a text that was not saved, and another version was saved since.');
      }
    }
  }

  S.server = { revision: data.revision };
  if (S.doc !== data.doc) open();
  else if (data.writer === writer) {    // an answer to this tab's edits
    S.confirmed = Math.max(S.confirmed, data.sequence);
    S.base = data.revision;
  } else if (data.revision > S.base) {  // another tab has saved
    if (!isDirty() && root.activeElement !== area && document.activeElement !== area) { area.value = data.text; S.base = data.revision; }
    else if (!S.inConflict) offer(data.text, 'This section was changed in another tab while you were writing here.');
  }
  if (!isDirty() && !S.inConflict) {
    clearTimeout(S.retry); S.wait = undefined;
    localStorage.removeItem(key());
    say(data.saved_at ? 'Saved ' + new Date(data.saved_at * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }) : '');
  }

  area.oninput = changed;
  area.onblur = () => { if (S.timer) schedule(BLUR_MS); };  // not at once: a flush in the same tick as a click swallows the click
  area.onkeydown = (event) => event.stopPropagation();      // Streamlit's own hotkeys stay out of the text
  return () => { clearTimeout(S.retry); if (S.timer) flush(); };
}

function copies(doc) {
  const found = [];
  for (let i = 0; i < localStorage.length; i++) {
    const name = localStorage.key(i);
    if (name.startsWith(PREFIX + doc + ':')) found.push({ ...JSON.parse(localStorage.getItem(name)), key: name });
  }
  return found;
}
