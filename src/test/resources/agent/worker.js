// A worker that knows nothing of Belay but its REST interface: the public client of Camunda's
// external tasks, and four requests that tell the journal what it does.
import { Client, Variables } from "camunda-external-task-client-js";

const { BELAY_URL: url, BELAY_AGENT_NAME: name, BELAY_AGENT_PASSWORD: password } = process.env;
const workerId = `${name}:js-${process.pid}`;

const login = await fetch(`${url}/api/tokens`, {
  method: "POST",
  headers: {
    Authorization: "Basic " + Buffer.from(`${name}:${password}`).toString("base64"),
    "Content-Type": "application/json",
  },
  body: "{}",
});
const token = (await login.json()).access_token;

const tell = async (task, what, body) => {
  const answer = await fetch(`${url}/api/agent/steps/${task.id}/${what}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      "Belay-Worker": workerId,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
};

const client = new Client({
  baseUrl: `${url}/engine-rest`,
  workerId,
  lockDuration: 20000,
  interval: 200,
  interceptors: (config) => ({
    ...config,
    headers: { ...config.headers, Authorization: `Bearer ${token}` },
  }),
});

client.subscribe(
  "countSlowly",
  { localVariables: true, processVariables: { environment: "test" } },
  async ({ task, taskService }) => {
    const to = task.variables.get("to");
    await tell(task, "begin", { attempt: 1, input: { to, pause: "PT0S", fail: false } });
    await tell(task, "notes", { kind: "LOG", text: `counted to ${to} in JavaScript` });
    const result = { samples: to, p95Ms: 120 };
    await tell(task, "end", { kind: "RESULT", text: "done", payload: result });
    const local = new Variables();
    local.setTyped("samples", { type: "Integer", value: result.samples, valueInfo: {} });
    local.setTyped("p95Ms", { type: "Double", value: result.p95Ms, valueInfo: {} });
    await taskService.complete(task, new Variables(), local);
  },
);
