// A text area that saves while one types. The browser keeps a copy of every change that the server has not confirmed.
//
// An edit carries the writer (this tab), a sequence number and the revision it is based on. The server confirms by sending
// back the writer and sequence that it kept. Where another text exists (another tab has saved, or a tab that was closed has
// left one), the person decides: nothing is sent until then, and every text stays where it is.
const PREFIX = 'windtunnel:draft:';
const PAUSE_MS = 600, BLUR_MS = 250, FIRST_RETRY_MS = 3000, LAST_RETRY_MS = 8000;
const AWAY = 'Not saved yet. This browser keeps a copy and tries again.';
const UNDECIDED = 'Not saved: choose a text first. This browser keeps a copy of the one shown here.';
const writer = (window.__windtunnelWriter ??= crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2));

export default function (component) {
  const { parentElement: root, data } = component;
  const area = root.querySelector('textarea'), note = root.querySelector('.note'), choice = root.querySelector('.choice');
  const S = (root.__editor ??= { doc: null, sequence: 0, confirmed: 0, base: 0, others: [] });
  S.send = (edit) => component.setStateValue('edit', edit);
  S.server = { revision: data.revision, text: data.text };
  root.querySelector('label').textContent = data.label;
  area.rows = data.rows;
  area.placeholder = data.placeholder;

  const key = () => PREFIX + S.doc + ':' + writer;
  const isDirty = () => S.sequence > S.confirmed;
  const inConflict = () => S.others.length > 0;
  const say = (text) => { if (note.textContent !== text) note.textContent = text; };

  function keepCopy() {
    const copy = { doc: S.doc, writer, sequence: S.sequence, base: S.base, text: area.value, at: Date.now() };
    try { localStorage.setItem(key(), JSON.stringify(copy)); } catch { /* no room: the server still gets every edit */ }
  }

  function flush() {
    clearTimeout(S.timer); clearTimeout(S.retry);
    S.timer = null;
    if (!isDirty() || inConflict()) return;
    S.send({ doc: S.doc, writer, sequence: S.sequence, base: S.base, text: area.value, nonce: Date.now() });
    S.wait = Math.min((S.wait ?? FIRST_RETRY_MS / 1.5) * 1.5, LAST_RETRY_MS);
    S.retry = setTimeout(() => { say(AWAY); flush(); }, S.wait);
  }

  function schedule(ms) { clearTimeout(S.timer); S.timer = setTimeout(flush, ms); }

  function changed() {
    S.sequence += 1;
    say(inConflict() ? UNDECIDED : 'Saving');
    keepCopy();
    schedule(PAUSE_MS);
  }

  // Other texts: { label, key } of a copy in this browser, or without a key the saved one, as it is when it is taken.
  function offer(others, why) {
    S.others = others;
    choice.hidden = false;
    choice.querySelector('.why').textContent = why;
    choice.querySelector('.mine').onclick = () => decide(area.value);
    const buttons = others.map((other) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: other.label });
      button.onclick = () => decide(other.key ? stored(other.key).text : S.server.text);
      return button;
    });
    choice.querySelector('.others').replaceChildren(...buttons);
    say(UNDECIDED);
  }

  function decide(text) {
    for (const other of S.others) if (other.key) localStorage.removeItem(other.key);
    closeChoice();
    if (area.value !== text) area.value = text;
    S.base = S.server.revision;
    S.sequence += 1;
    if (text === S.server.text) confirm(S.sequence);
    else { say('Saving'); keepCopy(); flush(); }
    area.focus();
  }

  function closeChoice() { S.others = []; choice.hidden = true; }

  function confirm(sequence) {
    S.confirmed = Math.max(S.confirmed, sequence);
    S.base = S.server.revision;
    if (isDirty() || inConflict()) return;
    clearTimeout(S.retry); S.wait = undefined;
    localStorage.removeItem(key());
    const at = data.saved_at && new Date(data.saved_at * 1000);
    say(at ? 'Saved ' + at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }) : '');
  }

  function open() {                     // another document: load it, and look for copies that were never saved
    if (S.timer) flush();
    clearTimeout(S.retry);
    const own = data.writer === writer ? data.sequence : 0;
    Object.assign(S, { doc: data.doc, base: data.revision, sequence: own, confirmed: own, wait: undefined });
    closeChoice();
    area.value = data.text;
    const isKept = (copy) => copy.text === data.text || (copy.writer === data.writer && copy.sequence <= data.sequence);
    const isNext = (copy) => (copy.writer === data.writer ? copy.sequence > data.sequence : copy.base === data.revision);
    const found = copies(S.doc).filter((copy) => !isKept(copy) || localStorage.removeItem(copy.key));
    const shown = found.pop();
    if (!shown) return confirm(own);
    area.value = shown.text;
    S.sequence = Math.max(own, shown.writer === writer ? shown.sequence : 0) + 1;
    keepCopy();
    if (shown.key !== key()) localStorage.removeItem(shown.key);
    const others = found.map((copy) => ({ key: copy.key, label: 'Take the copy of ' + clock(copy.at) }));
    if (!isNext(shown) || others.length && data.text) others.unshift({ label: 'Take the saved version' });
    if (others.length) offer(others, 'This browser holds text that was not saved, and there is another version of this section.');
    else { say('Saving'); schedule(0); }
  }

  if (S.doc !== data.doc) open();
  else if (data.writer === writer) confirm(data.sequence);
  else if (data.revision > S.base) {    // another tab has saved
    const isBeingWritten = root.activeElement === area || document.activeElement === area;
    if (area.value === data.text || (!isDirty() && !isBeingWritten)) {
      area.value = data.text;
      confirm(S.sequence);
    } else if (!inConflict()) {
      offer([{ label: 'Take the saved version' }], 'This section was changed in another tab while you were writing here.');
    }
  }

  area.oninput = changed;
  area.onblur = () => {
    if (S.timer) schedule(BLUR_MS);     // not at once: a flush in the same tick as a click swallows the click
    if (isAway()) takeFocusBack(area);
  };
  area.onkeydown = (event) => event.stopPropagation();      // Streamlit's own hotkeys stay out of the text
  return () => { if (S.timer) flush(); clearTimeout(S.retry); };
}

const isAway = () => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED';

function takeFocusBack(area) {          // Streamlit's dialog about the lost connection takes the focus, and then leaves it nowhere
  const dialog = document.querySelector('[role=dialog]');
  if (!dialog && document.activeElement === document.body && isAway()) area.focus();
  else if (dialog || isAway()) setTimeout(() => takeFocusBack(area), 100);
}

const stored = (key) => JSON.parse(localStorage.getItem(key) ?? 'null') ?? { text: '' };
const clock = (at) => (at ? new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }) : 'another tab');

function copies(doc) {                  // the oldest first
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX + doc + ':'));
  return keys.map((key) => ({ ...stored(key), key })).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}
