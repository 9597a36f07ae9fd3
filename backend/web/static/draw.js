/* What the other scripts share: finding and drawing elements, notices, sounds, and where the focus goes next. */

export const $ = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];
export const says = $('#says').dataset;
export const person = document.body.dataset.person || '';
export const wedge = $('[data-wedge]');
export const WRITABLE = 'input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea, select';

export function draw(tag, attributes, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'i');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', '#i-' + name);
  svg.append(use);
  return svg;
}
export function freshKey() {   // crypto.randomUUID is missing on a page that came without TLS
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join('');
}
export function notice(kind, title, lines = [], button = null) {
  const text = draw('div', {}, draw('p', {}, draw('strong', {}, title)), ...lines.map(line => draw('p', {}, line)));
  const role = kind === 'go' ? 'status' : 'alert';
  return draw('div', { class: 'notice ' + kind, role }, icon(kind), text, ...(button ? [button] : []));
}

export function moveOn(field) {
  const order = all(`${WRITABLE}, input[type=radio], input[type=checkbox], button:not([type=button])`, field.form || document)
    .filter(one => !one.readOnly && one.offsetParent && (one === field || one.type !== 'radio' || one.name !== field.name));
  const next = order[order.indexOf(field) + 1];
  if (next) next.focus();
  else field.blur();
}

/* ---- heard before it is read ---- */

const TONES = {   // hertz, start and length in seconds
  give: [[660, 0, .12], [990, .14, .22]],
  stop: [[220, 0, .3], [160, .36, .3], [220, .72, .4]],
  unknown: [[330, 0, .25]],
};
export function sound(name) {
  try {
    const audio = new AudioContext();
    for (const [hertz, start, length] of TONES[name] || []) {
      const tone = audio.createOscillator(), loudness = audio.createGain();
      tone.type = name === 'stop' ? 'square' : 'sine';
      tone.frequency.value = hertz;
      loudness.gain.value = .2;
      tone.connect(loudness).connect(audio.destination);
      tone.start(audio.currentTime + start);
      tone.stop(audio.currentTime + start + length);
    }
  } catch { /* a browser without sound still shows word, shape and colour */ }
}

