// What the gates measured: a plot for each metric, a line for each subject, a dashed line for each limit.
import { api, clock } from '/belay/belay.js';

const charts = new Map();
const series = new Map();
let last = 0;
let limits = null;
let busy = false;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export async function plot(run, definition) {
  if (busy) return;
  busy = true;
  try {
    limits ??= await api(`/api/models/${encodeURIComponent(definition)}/thresholds`);
    for (;;) {
      const samples = await api(`/api/runs/${run}/samples?after=${last}&limit=5000`);
      samples.forEach(add);
      if (samples.length < 5000) break;
    }
    series.forEach((subjects, metric) => update(metric, subjects));
  } catch (failure) {
    console.warn('samples cannot be read now', failure);
  } finally {
    busy = false;
  }
}

function add(sample) {
  last = Math.max(last, sample.id);
  if (!series.has(sample.metric)) series.set(sample.metric, new Map());
  const subjects = series.get(sample.metric);
  if (!subjects.has(sample.subject)) subjects.set(sample.subject, []);
  const points = subjects.get(sample.subject);
  points.push({ x: Date.parse(sample.at), y: sample.value });
  if (points.length > 2000) points.splice(0, points.length - 2000);
}

/** Only the plots with something to judge, and few enough to be read. */
function update(metric, subjects) {
  document.getElementById('plotcard').hidden = false;
  const colours = { candidate: css('--busy'), baseline: css('--muted') };
  const datasets = [...subjects].map(([subject, points]) => ({
    label: subject, data: points, borderColor: colours[subject] || css('--accent'), backgroundColor: 'transparent', borderWidth: 2, pointRadius: points.length > 60 ? 0 : 1.5, tension: 0.2,
  }));
  const all = [...subjects.values()].flat();
  const from = Math.min(...all.map((p) => p.x));
  const to = Math.max(...all.map((p) => p.x));
  const seen = new Set();
  for (const [decision, list] of Object.entries(limits)) {
    for (const limit of list.filter((l) => l.metric === metric && l.verdict === 'FAIL')) {
      const name = `fails when ${limit.operator} ${limit.value}`;
      if (seen.has(name)) continue;
      seen.add(name);
      datasets.push({ label: name, data: [{ x: from, y: limit.value }, { x: to, y: limit.value }], borderColor: css('--bad'), borderDash: [6, 5], borderWidth: 1.5, pointRadius: 0, decision });
    }
  }
  let chart = charts.get(metric);
  if (!chart) {
    chart = create(metric);
    charts.set(metric, chart);
  }
  chart.data.datasets = datasets;
  chart.update('none');
}

/** A metric that no gate judges has no label of its own: p50Ms, errorRate4xx, redisUp. */
function spoken(metric) {
  const latency = /^p(\d+)Ms$/.exec(metric);
  if (latency) return `P${latency[1]} latency (ms)`;
  const words = metric.replace(/(\dxx)$/, ' ($1)').replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}

function create(metric) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const label = Object.values(limits).flat().find((l) => l.metric === metric)?.label;
  caption.textContent = label ? `${label}` : spoken(metric);
  const holder = document.createElement('div');
  holder.className = 'canvas';
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Plot of ${caption.textContent}`);
  holder.append(canvas);
  figure.append(caption, holder);
  document.getElementById('gateplots').append(figure);
  const grid = { color: css('--line') };
  const ticks = { color: css('--muted'), maxTicksLimit: 5 };
  return new window.Chart(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: {
      parsing: false, animation: false, maintainAspectRatio: false, interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: { type: 'linear', grid, ticks: { ...ticks, maxRotation: 0, callback: (at) => clock(at) } },
        y: { grid, ticks, beginAtZero: true },
      },
      plugins: { legend: { position: 'bottom', labels: { boxWidth: 18, boxHeight: 1, color: css('--muted'), font: { size: 11 } } }, tooltip: { callbacks: { title: (items) => clock(items[0].parsed.x) } } },
    },
  });
}
