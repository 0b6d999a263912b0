// The design as boxes and lines that the keyboard can walk. It shows what the server says and asks the server for every
// change, so that there is one design. Names are written with textContent only.
const NS = 'http://www.w3.org/2000/svg';

export default function (component) {
  const { parentElement: root, data } = component;
  const svg = root.querySelector('svg'), spoken = root.querySelector('.spoken');
  const S = (root.__canvas ??= { boxes: new Map(), lines: new Set(), at: null, from: null, count: 0 });
  const [W, H] = data.box;
  const node = (name) => data.nodes.find((one) => one.name === name);
  const say = (words) => { spoken.textContent = words; };
  const ask = (action) => component.setTriggerValue('action', { ...action, count: (S.count += 1) });

  svg.setAttribute('width', data.width); svg.setAttribute('height', data.height);
  svg.setAttribute('viewBox', `0 0 ${data.width} ${data.height}`);
  svg.setAttribute('aria-label', data.label);
  if (S.from && !node(S.from)) S.from = null;
  if (!node(S.at)) S.at = data.chosen;
  drawLines();
  drawBoxes();
  sayNews();

  function drawLines() {
    svg.querySelectorAll('.line').forEach((one) => one.remove());
    for (const line of data.lines) {
      svg.prepend(made('path', { class: line.dashed ? 'line dashed' : 'line', 'marker-end': 'url(#arrow)', d: way(line) }));
    }
  }
  function way(line) {  // from box to box, straight through the gaps between others
    let d = '', last = null;
    for (const one of [node(line.from), ...line.through, node(line.to)]) {
      const y = one.y + H / 2;
      if (last) {
        const x1 = last.x + W, y1 = last.y + H / 2, bend = (one.x - x1) / 2;
        d += d ? ` L${x1},${y1}` : `M${x1},${y1}`;
        d += ` C${x1 + bend},${y1} ${one.x - bend},${y} ${one.x},${y}`;
      }
      last = one;
    }
    return d;
  }

  function drawBoxes() {  // in place, so that the focus stays where it is
    const hadFocus = S.boxes.has(focused()) && !node(focused());
    for (const [name, box] of S.boxes) if (!node(name)) { box.remove(); S.boxes.delete(name); }
    for (const one of data.nodes) {
      const box = S.boxes.get(one.name) ?? newBox(one.name);
      box.setAttribute('transform', `translate(${one.x},${one.y})`);
      box.setAttribute('class', 'node' + (one.wrong ? ' wrong' : '') + (S.from === one.name ? ' drawing' : ''));
      box.setAttribute('aria-label', one.words);
      box.setAttribute('aria-current', String(one.name === data.chosen));
      box.setAttribute('tabindex', one.name === S.at ? '0' : '-1');
      box.querySelector('.name').textContent = short(one.name, 21);
      box.querySelector('.kind').textContent = short(one.kind, 29);
      box.onkeydown = (event) => pressed(event, one);
      box.onfocus = () => stand(one.name);
      box.onclick = () => (S.from ? finish(one) : choose(one));
      const dot = box.querySelector('.dot');
      dot.style.display = one.asks ? '' : 'none';
      dot.onclick = (event) => event.stopPropagation();
      dot.onpointerdown = (event) => drag(event, one);
    }
    if (hadFocus) S.boxes.get(S.at).focus();
  }

  function newBox(name) {
    const box = made('g', { role: 'button' });
    box.append(made('rect', { width: W, height: H, rx: 7 }), made('text', { class: 'name', x: 11, y: 22 }),
      made('text', { class: 'kind', x: 11, y: 40 }), made('circle', { class: 'dot', cx: W, cy: H / 2, r: 8 }));
    box.dataset.name = name;
    S.boxes.set(name, box);
    svg.append(box);
    return box;
  }

  function pressed(event, one) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab') return;
    event.stopPropagation();  // single letters are shortcuts of the page
    const ways = { ArrowRight: below, ArrowLeft: above, ArrowUp: () => beside(one, -1), ArrowDown: () => beside(one, 1) };
    if (ways[event.key]) go(ways[event.key](one), event);
    else if (event.key === 'Home') go(node(data.entry), event);
    else if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); if (S.from) finish(one); else choose(one); }
    else if (event.key === 'w' || event.key === 'W') begin(one);
    else if (event.key === 'Escape' && S.from) { S.from = null; say('No line is drawn.'); drawBoxes(); }
    else if (event.key === 'Delete' || event.key === 'Backspace') { event.preventDefault(); ask({ kind: 'remove', name: one.name }); }
  }

  function go(other, event) {
    event.preventDefault();
    if (!other) { say('Nothing there.'); return; }
    S.boxes.get(other.name).focus();
    S.boxes.get(other.name).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  function stand(name) {
    S.at = name;
    for (const [other, box] of S.boxes) box.setAttribute('tabindex', other === name ? '0' : '-1');
  }
  const nearest = (some, one) => some.sort((a, b) => Math.abs(a.x - one.x) - Math.abs(b.x - one.x) || a.y - b.y)[0];
  function below(one) { return nearest(data.lines.filter((l) => l.from === one.name).map((l) => node(l.to)), one); }
  function above(one) { return nearest(data.lines.filter((l) => l.to === one.name).map((l) => node(l.from)), one); }
  function beside(one, step) {
    const column = data.nodes.filter((other) => other.x === one.x).sort((a, b) => a.y - b.y);
    return column[column.indexOf(one) + step];
  }

  function choose(one) { say(`The fields of ${one.name} are below.`); ask({ kind: 'choose', name: one.name }); }
  function begin(one) {
    if (!one.asks) { say(`${one.name} asks nobody.`); return; }
    S.from = one.name;
    say(`A line from ${one.name}. Go to another component and press Enter, or Escape.`);
    drawBoxes();
  }
  function finish(one) {
    const from = S.from;
    S.from = null;
    drawBoxes();
    if (from === one.name) say('No line is drawn.');
    else ask({ kind: 'line', from, to: one.name });
  }
  function drag(event, one) {
    event.preventDefault();
    const dot = event.target, line = made('path', { class: 'line new' });
    dot.setPointerCapture(event.pointerId);
    svg.append(line);
    dot.onpointermove = (move) => { const p = point(move); line.setAttribute('d', `M${one.x + W},${one.y + H / 2} L${p.x},${p.y}`); };
    dot.onpointercancel = () => { line.remove(); dot.onpointermove = dot.onpointerup = null; };
    dot.onpointerup = (up) => {
      dot.onpointercancel();
      const p = point(up), to = data.nodes.find((other) => p.x >= other.x && p.x <= other.x + W && p.y >= other.y && p.y <= other.y + H);
      if (to && to !== one) ask({ kind: 'line', from: one.name, to: to.name });
    };
  }
  function point(event) { return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()); }

  function sayNews() {
    const lines = new Set(data.lines.map((line) => `${line.from} asks ${line.to}`));
    if (S.lines.size || S.known) {
      const more = [...lines].filter((one) => !S.lines.has(one)), less = [...S.lines].filter((one) => !lines.has(one));
      if (more.length || less.length) say([...more.map((one) => `Now ${one}.`), ...less.map((one) => `No longer: ${one}.`)].join(' '));
    }
    S.lines = lines; S.known = true;
  }
  function focused() { return (root.getRootNode().activeElement ?? document.activeElement)?.dataset?.name; }
}

function made(tag, attributes) {
  const one = document.createElementNS(NS, tag);
  for (const name in attributes) one.setAttribute(name, attributes[name]);
  return one;
}
function short(text, most) { return text.length > most ? `${text.slice(0, most - 1)}…` : text; }
