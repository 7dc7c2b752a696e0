// The run page: follows the run's events, and draws what they change.
import { api, applyConditions, clock } from '/belay/belay.js';
import { draw, paint } from '/belay/diagram.js';
import { plot } from '/belay/plots.js';

const page = document.getElementById('run');
const id = page.dataset.run;
const $ = (name) => document.getElementById(name);

// ---- diagram -------------------------------------------------------------------------------
let shown = { instance: id, definition: page.dataset.definition, viewer: null };
const bad = ['failed', 'aborted', 'timedOut', 'cancelled'];

async function open(instance, definition) {
  const xml = await api(`/api/models/${encodeURIComponent(definition)}`, { headers: { Accept: 'application/xml' } });
  shown = { instance, definition, viewer: await draw($('diagram'), xml) };
  $('diagramback').hidden = instance === id;
  shown.viewer.get('eventBus').on('element.click', (event) => enter(event.element));
  await repaint();
}

let activities = [];
let view = null;
async function repaint() {
  [activities, view] = await Promise.all([api(`/api/runs/${id}/activities`), api(`/api/runs/${id}`)]);
  if (!shown.viewer) return;
  const mine = activities.filter((a) => a.instanceId === shown.instance);
  const inside = (instance) => view.incidents.some((i) => i.instanceId === instance)
    || activities.some((a) => a.instanceId === instance && a.calledInstanceId && inside(a.calledInstanceId));
  const failing = view.incidents.filter((i) => i.instanceId === shown.instance).map((i) => i.activityId)
    .concat(mine.filter((a) => !a.end && a.calledInstanceId && inside(a.calledInstanceId)).map((a) => a.activityId));
  const badOutcome = shown.instance === id ? view.phases.filter((p) => bad.includes(p.outcome)).map((p) => p.activityId) : [];
  paint(shown.viewer, mine, failing, badOutcome);
}

function enter(element) {
  if (element.type !== 'bpmn:CallActivity') return;
  const call = activities.filter((a) => a.instanceId === shown.instance && a.activityId === element.id && a.calledInstanceId).pop();
  const inner = call && activities.find((a) => a.instanceId === call.calledInstanceId);
  if (inner) { $('diagramtitle').textContent = call.name; open(inner.instanceId, inner.definitionId); }
}
$('diagramback').addEventListener('click', () => { $('diagramtitle').textContent = 'Where it is'; open(id, page.dataset.definition); });

// ---- parts that the server draws -------------------------------------------------------------
// Each part is its own source: htmx drops requests of one source while another of it is under way.
const part = (name) => window.htmx.ajax('GET', `/runs/${id}/${name}`, { source: `#${name}`, target: `#${name}`, swap: 'innerHTML' });
const busyForm = (name) => $(name).contains(document.activeElement) && document.activeElement.closest('form');

// A form may be opened while the part's new content is on its way.
document.addEventListener('htmx:beforeSwap', ({ target, detail }) => {
  if ((target.id === 'head' && target.querySelector('details[open]'))
    || (['head', 'incidents'].includes(target.id) && busyForm(target.id))) detail.shouldSwap = false;
});

let waiting = null;
let taskIds = [...document.querySelectorAll('[data-task]')].map((t) => t.dataset.task).sort().join();
function refresh() {
  if (waiting) return;
  waiting = setTimeout(async () => {
    waiting = null;
    if (!$('head').querySelector('details[open]') && !busyForm('head')) part('head');
    part('live');
    plot(id, page.dataset.definition);
    repaint();
  }, 400);
}

function onStatus(status) {
  const now = status.tasks.map((t) => t.id).sort().join();
  if (now !== taskIds) { taskIds = now; part('tasks').then(() => applyConditions()); }
  if (!busyForm('incidents')) part('incidents');
  refresh();
}
document.addEventListener('belay:changed', () => { taskIds = null; refresh(); });

// ---- work in progress --------------------------------------------------------------------------
const sizes = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']];
function amount(value, unit) {
  if (unit === 'ms') return `${(value / 1000).toFixed(1)} s`;
  if (unit !== 'bytes') return `${value.toLocaleString('en')} ${unit || ''}`.trim();
  const [size, name] = sizes.find(([s]) => value >= s) || [1, 'B'];
  return `${(value / size).toFixed(size === 1 ? 0 : 1)} ${name}`;
}
function onProgress(steps) {
  const place = $('working');
  place.hidden = steps.length === 0;
  place.replaceChildren(...steps.map((step) => {
    const row = document.createElement('div');
    row.className = 'work';
    const name = document.createElement('strong');
    name.textContent = step.step || step.activityId;
    const bar = document.createElement('progress');
    bar.setAttribute('aria-label', name.textContent);
    if (step.total > 0) { bar.max = step.total; bar.value = step.done; }
    const number = document.createElement('span');
    number.className = 'num';
    number.textContent = step.total > 0 ? `${amount(step.done, step.unit)} of ${amount(step.total, step.unit)} · ${Math.floor(100 * step.done / step.total)} %` : step.done > 0 ? amount(step.done, step.unit) : 'working';
    row.append(name, bar, number);
    if (step.message) { const says = document.createElement('p'); says.className = 'says muted small'; says.textContent = step.message; row.append(says); }
    return row;
  }));
}

// ---- log -----------------------------------------------------------------------------------------
const FINE = ['INTENT', 'CHECKPOINT', 'RESULT', 'TASK_CREATED'];
const TONE = { FAILURE: 'bad', INCIDENT: 'bad', BUSINESS_STOP: 'bad', ABORT_REQUESTED: 'bad', ROLLBACK_STARTED: 'back', UNDO_STARTED: 'back', RUN_ENDED: 'good', SKIP_REQUESTED: 'bad', INTERVENTION: 'bad', TARGET_REFUSED: 'bad', TARGET_ACCEPTED: 'bad' };
const DRAWN_ANEW = ['LOG', 'INTENT', 'CHECKPOINT'];
const seen = new Set();
function onEntry(entry) {
  if (seen.has(entry.id)) return;
  seen.add(entry.id);
  const log = $('log');
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const line = document.createElement('li');
  line.className = `${FINE.includes(entry.kind) ? 'fine ' : ''}${TONE[entry.kind] || ''}`;
  const time = document.createElement('time');
  time.dateTime = entry.at;
  time.textContent = clock(entry.at);
  const kind = document.createElement('span');
  kind.className = 'k';
  kind.textContent = entry.kind.toLowerCase().replaceAll('_', ' ');
  const text = document.createElement('span');
  text.className = 't';
  text.textContent = [entry.activityId, entry.actor && `by ${entry.actor}`, entry.text].filter(Boolean).join(' · ');
  line.append(time, kind, text);
  log.append(line);
  if (log.childElementCount > 3000) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
  if (!DRAWN_ANEW.includes(entry.kind)) refresh();
}
$('logall').addEventListener('change', (event) => $('log').classList.toggle('all', event.target.checked));

// ---- start -----------------------------------------------------------------------------------------
open(id, page.dataset.definition);
plot(id, page.dataset.definition);
const events = new EventSource(`/api/runs/${id}/events`);
events.addEventListener('journal', (event) => onEntry(JSON.parse(event.data)));
events.addEventListener('progress', (event) => onProgress(JSON.parse(event.data)));
events.addEventListener('status', (event) => onStatus(JSON.parse(event.data)));
events.addEventListener('end', () => { events.close(); onProgress([]); });

let lastPlot = 0;
setInterval(() => {
  document.querySelectorAll('.elapsed[data-start]:not([data-end])').forEach((place) => {
    const seconds = Math.floor((Date.now() - Date.parse(place.dataset.start)) / 1000);
    const [d, h, m, s] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    place.textContent = d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min ${s} s` : `${s} s`;
  });
  if (!$('working').hidden && Date.now() - lastPlot > 2000) { lastPlot = Date.now(); plot(id, page.dataset.definition); }
}, 1000);
