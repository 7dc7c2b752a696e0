// What all pages need: forms that call the REST interface, and the token against forged requests.

export function token() {
  const cookie = document.cookie.split('; ').find((c) => c.startsWith('BELAY-XSRF='));
  return cookie ? decodeURIComponent(cookie.slice('BELAY-XSRF='.length)) : '';
}

export async function api(path, options = {}) {
  const answer = await fetch(path, {
    credentials: 'same-origin',
    ...options,
    headers: { Accept: 'application/json', 'X-BELAY-XSRF': token(), ...options.headers },
  });
  if (answer.status === 401) location.href = '/login';
  const text = await answer.text();
  const body = text && (answer.headers.get('Content-Type') || '').includes('json') ? JSON.parse(text) : text;
  if (!answer.ok) throw Object.assign(new Error(body.detail || answer.statusText), { problem: body, status: answer.status });
  return body;
}

document.addEventListener('htmx:configRequest', (event) => { event.detail.headers['X-BELAY-XSRF'] = token(); });

/** The form's values as JSON: "a.b" is b within a, empty fields are left out. */
export function values(form) {
  const body = {};
  for (const group of (form.dataset.always || '').split(' ').filter(Boolean)) body[group] = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.name.startsWith('_')) continue;
    if (field.closest('[hidden]') || (field.type === 'radio' && !field.checked)) continue;
    let value = field.type === 'checkbox' ? field.checked : field.value;
    if (value === '') continue;
    if (field.type === 'number') value = Number(value);
    const path = field.name.split('.');
    const last = path.pop();
    path.reduce((at, part) => (at[part] ??= {}), body)[last] = value;
  }
  return body;
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });

/** A time of day in the viewer's zone, which is named. */
export function clock(at) { return CLOCK.format(new Date(at)); }

/** Shows the times that the server wrote in UTC in the viewer's zone. */
function showLocalTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) time.textContent = (time.dataset.clock === undefined ? DAY : CLOCK).format(at);
  }
}
showLocalTimes(document);
document.addEventListener('htmx:load', (event) => showLocalTimes(event.detail.elt));

function clear(form) {
  form.querySelectorAll('[data-wrong]').forEach((place) => { place.textContent = ''; if (place.dataset.wrong === '') place.hidden = true; });
  form.querySelectorAll('[aria-invalid]').forEach((field) => field.removeAttribute('aria-invalid'));
}

function tell(form, field, rule) {
  const place = form.querySelector(`[data-wrong="${CSS.escape(field || '')}"]`) || form.querySelector('[data-wrong=""]');
  if (!place) return;
  place.hidden = false;
  place.textContent = (place.textContent ? place.textContent + '\n' : '') + (place.dataset.wrong === '' && field ? `${field}: ` : '') + rule;
  const input = [...form.elements].find((e) => e.name && e.name.split('.').pop() === field);
  if (input) input.setAttribute('aria-invalid', 'true');
}

function checkHere(form) {
  let good = true;
  for (const field of form.elements) {
    if (!field.name || field.closest('[hidden]') || field.validity.valid) continue;
    tell(form, field.name.split('.').pop(), field.type === 'checkbox' ? 'must be confirmed' : field.title && field.validity.patternMismatch ? `must be ${field.title}` : field.validationMessage);
    if (good) field.focus();
    good = false;
  }
  return good;
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  clear(form);
  if (!checkHere(form)) return;
  const button = form.querySelector('[type=submit]');
  if (button) button.disabled = true;
  try {
    const empty = form.dataset.empty === 'true';
    const answer = await api(form.dataset.api, {
      method: 'POST',
      headers: empty ? {} : { 'Content-Type': 'application/json' },
      body: empty ? undefined : JSON.stringify(values(form)),
    });
    if (form.dataset.then === 'run') {
      // Cockpit's sandbox does not let a frame leave it, so the frame asks Cockpit to go.
      if (form.dataset.target === '_top' && window.parent !== window) window.parent.postMessage({ belayRun: answer.id }, location.origin);
      else location.href = `/runs/${answer.id}`;
    } else {
      form.closest('details')?.removeAttribute('open');
      document.dispatchEvent(new CustomEvent('belay:changed'));
    }
  } catch (failure) {
    const problems = failure.problem?.problems || [];
    if (problems.length === 0) tell(form, '', failure.message);
    problems.forEach((p) => tell(form, p.field, p.rule));
  } finally {
    if (button) button.disabled = false;
  }
});

/** A chosen file is uploaded at once; the form is sent without it. */
document.addEventListener('change', async (event) => {
  const input = event.target;
  if (!input.dataset.upload || !input.files.length) return;
  const { form, files: [file] } = input;
  const shown = form.querySelector(`[data-uploaded="${CSS.escape(input.dataset.field)}"]`);
  clear(form);
  shown.textContent = `uploading ${file.name} …`;
  try {
    const kept = await api(`${input.dataset.upload}?name=${encodeURIComponent(file.name)}`, {
      method: 'PUT', headers: { 'Content-Type': 'application/octet-stream' }, body: file,
    });
    shown.textContent = `uploaded: ${file.name}, SHA-256 ${kept.details.contentSha256}`;
  } catch (failure) {
    shown.textContent = `${file.name} was not uploaded`;
    const problems = failure.problem?.problems || [];
    if (problems.length === 0) tell(form, '', failure.message);
    problems.forEach((p) => tell(form, p.field, p.rule));
  }
});

/** Fields with a condition such as =decision != "no-go" hide while it holds. */
export function applyConditions(root = document) {
  root.querySelectorAll('[data-hide]').forEach((element) => {
    const match = /^=\s*(\w+)\s*(!=|=)\s*(?:"([^"]*)"|(true|false))\s*$/.exec(element.dataset.hide || '');
    if (!match) return;
    const form = element.closest('form');
    const field = [...form.elements].find((e) => e.name === `values.${match[1]}`);
    if (!field) return;
    const now = field.type === 'checkbox' ? String(field.checked) : field.value;
    element.hidden = (now === (match[3] ?? match[4])) === (match[2] === '=');
  });
}
document.addEventListener('input', () => applyConditions());
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') document.querySelectorAll('details.act[open]').forEach((d) => d.removeAttribute('open')); });
document.addEventListener('click', (event) => { document.querySelectorAll('details.act[open]').forEach((d) => { if (!d.contains(event.target)) d.removeAttribute('open'); }); });
applyConditions();
