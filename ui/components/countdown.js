// Shows the time that is left of a phase. It counts in the browser, from what the server says is left, so that clocks that
// disagree do not matter and no page has to rerun. Once a minute it tells the server that somebody is there.
const BEAT_MS = 60000;

export default function (component) {
  const { parentElement: root, data } = component;
  const time = root.querySelector('.time'), spoken = root.querySelector('.spoken'), what = root.querySelector('.what');
  const whole = root.querySelector('.whole');
  const S = (root.__clock ??= { token: null, said: null });
  S.beat = () => component.setTriggerValue('beat', Date.now());
  S.begun = performance.now();
  if (S.token !== data.token) { S.token = data.token; S.said = null; }
  what.textContent = data.label;

  const secondsLeft = (ms) => Math.round((ms - (data.paused ? 0 : (performance.now() - S.begun) * data.speed)) / 1000);
  const said = (left) => (left < 0 ? '+' : '') + Math.floor(Math.abs(left) / 60) + ':' + String(Math.abs(left) % 60).padStart(2, '0');

  function paint() {
    const left = secondsLeft(data.left_ms), over = left < 0;
    time.textContent = said(left);
    time.dataset.state = over ? 'over' : left <= 60 ? 'soon' : 'fine';
    whole.hidden = data.round_left_ms === null;
    if (!whole.hidden) {
      const rest = secondsLeft(data.round_left_ms);
      whole.textContent = 'round ' + said(rest);
      whole.dataset.state = rest < 0 ? 'over' : 'fine';
    }
    for (const [mark, words] of [[0, 'The planned time of this phase is over'], [60, 'One minute left in this phase']]) {
      if (left <= mark && !data.paused && (S.said === null || S.said > mark)) { S.said = mark; spoken.textContent = words; break; }
    }
  }
  clearInterval(S.painting); clearInterval(S.beating);
  if (!data.paused) {
    S.painting = setInterval(paint, 500);
    S.beating = setInterval(() => S.beat(), BEAT_MS);
  }
  paint();
  return () => { clearInterval(S.painting); clearInterval(S.beating); };
}
