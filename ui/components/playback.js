// Plays a run over its diagram. It plays only when asked; whoever wants less motion gets fewer, larger steps.
const W = 148, H = 66, GAP_X = 54, GAP_Y = 22, QUEUE = 12, PAD = 6, SECONDS_TO_PLAY = 14;
const NS = 'http://www.w3.org/2000/svg';

function make(tag, attributes, parent) {
  const one = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  if (parent) parent.appendChild(one);
  return one;
}

// Layers beside one another where there is room for all of them, else below one another.
function layout(data, width) {
  const layers = [];
  data.nodes.forEach((node, i) => (layers[node.layer] ??= []).push(i));
  const across = layers.length * (W + QUEUE + GAP_X) - GAP_X;
  const places = [];
  if (across <= width) {
    const tallest = Math.max(...layers.map((layer) => layer.length));
    const step = layers.length > 1 ? Math.min((width - W - QUEUE) / (layers.length - 1), W + QUEUE + 2 * GAP_X) : 0;
    layers.forEach((layer, x) => layer.forEach((i, y) => {
      const top = (tallest - layer.length) * (H + GAP_Y) / 2;
      places[i] = { x: QUEUE + x * step, y: PAD + top + y * (H + GAP_Y), down: false };
    }));
    return { places, height: tallest * (H + GAP_Y) - GAP_Y + 2 * PAD, width };
  }
  const room = Math.max(1, Math.floor((width + GAP_Y) / (W + QUEUE + GAP_Y)));
  let y = PAD;
  layers.forEach((layer) => {
    for (let from = 0; from < layer.length; from += room) {
      const row = layer.slice(from, from + room), left = (width - row.length * (W + QUEUE + GAP_Y) + GAP_Y) / 2;
      row.forEach((i, x) => { places[i] = { x: left + QUEUE + x * (W + QUEUE + GAP_Y), y, down: true }; });
      y += H + GAP_Y + 12;
    }
  });
  return { places, height: y - GAP_Y - 12 + PAD, width };
}

function edge(a, b) {
  if (a.down) {
    const x1 = a.x + W / 2, y1 = a.y + H, x2 = b.x + W / 2, y2 = b.y - 4, bend = Math.max(10, (y2 - y1) / 2);
    return `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`;
  }
  const x1 = a.x + W, y1 = a.y + H / 2, x2 = b.x - QUEUE - 4, y2 = b.y + H / 2, bend = Math.max(14, (x2 - x1) / 2);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}

const percent = (share) => `${Math.round(share * 100)}%`;
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);
const count = (number) => (number >= 1000 ? Math.round(number).toLocaleString('en-US')
  : number >= 10 ? number.toFixed(0) : number.toFixed(1));

export default function (component) {
  const { parentElement: root, data } = component;
  const [play, scrub, now, fault, stage, spoken] =
    ['.play', '.scrub', '.now', '.fault', '.stage', '.spoken'].map((one) => root.querySelector(one));
  const S = (root.__film ??= { step: 0, playing: false });
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let nodes = [];
  clearInterval(S.timer);  // of the film before
  S.playing = false;
  S.step = Math.max(0, Math.min(S.step, data.steps - 1));
  scrub.max = Math.max(0, data.steps - 1);

  function draw() {
    const width = Math.max(W + 2 * QUEUE, stage.parentElement.clientWidth);
    const plan = layout(data, width);
    S.width = stage.parentElement.clientWidth;
    stage.replaceChildren();
    stage.setAttribute('viewBox', `0 0 ${plan.width} ${plan.height}`);
    stage.setAttribute('height', plan.height);
    const head = make('marker', { id: 'head', viewBox: '0 0 6 6', refX: 5, refY: 3, markerWidth: 6, markerHeight: 6,
      orient: 'auto' }, make('defs', {}, stage));
    make('path', { d: 'M0,0 L6,3 L0,6 z', class: 'arrow' }, head);
    for (const [from, to] of data.edges) {
      make('path', { d: edge(plan.places[from], plan.places[to]), class: 'edge', 'marker-end': 'url(#head)' }, stage);
    }
    nodes = data.nodes.map((node, i) => {
      const { x, y } = plan.places[i];
      const group = make('g', { class: 'node', transform: `translate(${x},${y})` }, stage);
      make('title', {}, group).textContent = `${node.name}, ${node.kind}`;
      make('rect', { class: 'box', width: W, height: H, rx: 6 }, group);
      const parts = {
        group,
        fill: make('rect', { class: 'fill', x: 1, width: W - 2, y: H, height: 0, rx: 5 }, group),
        queue: make('rect', { class: 'queue', x: -QUEUE + 2, width: QUEUE - 5, y: H, height: 0, rx: 2 }, group),
        ghost: make('line', { class: 'ghost', x1: W - 24, x2: W + 4, y1: H, y2: H, visibility: 'hidden' }, group),
      };
      make('text', { class: 'name', x: 8, y: 19 }, group).textContent = short(node.name, 19);
      parts.busy = make('text', { class: 'small', x: 8, y: 38 }, group);
      parts.waiting = make('text', { class: 'small', x: 8, y: 55 }, group);
      return parts;
    });
    paint();
  }

  function said(node, step) {
    const busy = node.busy ? node.busy[step] : null, waiting = node.waiting[step];
    const work = node.busy === null ? `${count(node.inside[step])} in it` : busy === null ? 'no replica' : `${percent(busy)} busy`;
    const before = node.pinned_waiting ? node.pinned_waiting[step] : null;
    const pinned = before !== null && (before >= 0.05 || waiting >= 0.05) ? ` (pinned ${count(before)})` : '';
    return { work, waits: waiting >= 0.05 || pinned ? `${count(waiting)} waiting${pinned}` : '' };
  }

  function paint() {
    const step = S.step, at = step * data.step_s, struck = data.faults.filter((one) =>
      at + data.step_s > one.from_s && (one.to_s === null || at < one.to_s));
    data.nodes.forEach((node, i) => {
      const parts = nodes[i], words = said(node, step), busy = node.busy ? node.busy[step] : null;
      const down = node.busy !== null && busy === null, share = busy ?? 0;
      parts.group.dataset.state = down ? 'down' : share >= 0.98 ? 'full' : 'fine';
      parts.fill.setAttribute('height', share * (H - 2)); parts.fill.setAttribute('y', H - 1 - share * (H - 2));
      const queue = data.most_waiting > 0 ? Math.sqrt(node.waiting[step] / data.most_waiting) * H : 0;
      parts.queue.setAttribute('height', queue); parts.queue.setAttribute('y', H - queue);
      const ghost = node.pinned_busy?.[step] >= 0.01 ? node.pinned_busy[step] : null;
      parts.ghost.setAttribute('visibility', ghost === null ? 'hidden' : 'visible');
      if (ghost !== null) for (const y of ['y1', 'y2']) parts.ghost.setAttribute(y, H - 1 - ghost * (H - 2));
      parts.busy.textContent = words.work; parts.waiting.textContent = words.waits;
    });
    scrub.value = step;
    now.textContent = `${at.toFixed(1)} of ${(data.steps * data.step_s).toFixed(1)} s`;
    scrub.setAttribute('aria-valuetext', now.textContent);
    fault.hidden = struck.length === 0;
    fault.textContent = struck.map((one) => one.text).join('; ');
    play.textContent = S.playing ? 'Pause' : 'Play';
  }

  function speak() {
    const words = data.nodes.map((node) => [node.name, ...Object.values(said(node, S.step)).filter(Boolean)].join(', '));
    spoken.textContent = `At ${(S.step * data.step_s).toFixed(1)} seconds: ${words.join('; ')}.`;
  }

  function stop() { S.playing = false; clearInterval(S.timer); }

  function start() {
    if (S.step >= data.steps - 1) S.step = 0;
    S.playing = true;
    const stride = calm.matches ? Math.max(1, Math.round(data.steps / SECONDS_TO_PLAY)) : 1;
    clearInterval(S.timer);
    S.timer = setInterval(() => {
      S.step = Math.min(S.step + stride, data.steps - 1);
      if (S.step >= data.steps - 1) stop();
      paint();
    }, SECONDS_TO_PLAY * 1000 * stride / data.steps);
  }

  play.onclick = () => { if (S.playing) { stop(); speak(); } else start(); paint(); };
  scrub.oninput = () => { stop(); S.step = Number(scrub.value); paint(); };
  scrub.onchange = speak;
  S.watch?.disconnect();
  S.watch = new ResizeObserver(() => { if (stage.parentElement.clientWidth !== S.width) draw(); });
  S.watch.observe(stage.parentElement);
  draw();
  return () => { stop(); S.watch.disconnect(); };
}
