// Tells the server that nobody is typing, and how long ago the last key was, so that an interviewer may speak. It never
// speaks into typing: while keys are fresh it says nothing. Tabs of one browser know of each other's keys.
const SHARED = 'windtunnel:hands', SHARE_MS = 1000, LOOK_MS = 500, LEAST_MS = 700, AFTER_CLICK_MS = 600;
const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock'];
const hands = (window.__windtunnelHands ??= listen());

function listen() {
  const found = { key: null, any: Date.now(), shared: 0 };
  const moved = () => {
    found.any = Date.now();
    if (found.any - found.shared < SHARE_MS) return;
    found.shared = found.any;
    try { localStorage.setItem(SHARED, JSON.stringify({ key: found.key, any: found.any })); } catch { /* no room: each tab for itself */ }
  };
  const typed = (event) => { if (!MODIFIERS.includes(event.key)) { found.key = Date.now(); moved(); } };
  window.addEventListener('keydown', typed, true);    // capturing, because editors keep keys to themselves
  window.addEventListener('input', typed, true);
  for (const kind of ['pointerdown', 'wheel']) window.addEventListener(kind, moved, { capture: true, passive: true });
  return found;
}

function latest() {
  let other = {};
  try { other = JSON.parse(localStorage.getItem(SHARED) ?? '{}'); } catch { /* unreadable: as if nobody wrote it */ }
  return { key: Math.max(hands.key ?? 0, other.key ?? 0) || null, any: Math.max(hands.any, other.any ?? 0) };
}

const isConnected = () => document.querySelector('[data-testid=stApp]').dataset.testConnectionState === 'CONNECTED';

export default function (component) {
  const { parentElement: root, data } = component;
  const S = (root.__hands ??= { sent: Date.now(), redraw: data.redraw });
  if (S.redraw !== data.redraw) {       // something has come that stands elsewhere on the page
    S.redraw = data.redraw;
    window.dispatchEvent(new Event('windtunnel:redraw'));
  }

  function look() {
    const now = Date.now(), { key, any } = latest(), fast = data.speed;
    const isQuiet = key === null || (now - key) * fast >= data.pause_ms;
    const isDue = now - S.sent >= Math.max(LEAST_MS, data.every_ms / fast);
    if (!isQuiet || !isDue || now - hands.any < AFTER_CLICK_MS || !isConnected()) return;
    S.sent = now;
    const seconds = (at) => (at === null ? null : Math.max(0, ((now - at) * fast) / 1000));
    component.setTriggerValue('pulse', { key_s: seconds(key), idle_s: seconds(any), nonce: now });
  }

  clearInterval(S.looking);
  if (data.is_on) S.looking = setInterval(look, LOOK_MS);
  return () => clearInterval(S.looking);
}
