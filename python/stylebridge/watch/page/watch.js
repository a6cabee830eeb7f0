// The live page: one connection, what the server says in words, and what a person asks of it.
import { Screens } from "./draw.js";

const $ = id => document.getElementById(id);
const screens = new Screens();
const RETRY_MS = [250, 500, 1000, 2000], SETTLE_MS = 400, STILL_MS = 2000;
let socket, state, view = "columns", cut = 50, tries = 0, wasLive, seeking = false, messageTimer = 0;
let asked = -Infinity, told = "";
let aligned = null;  // until somebody chooses: a recording shows one moment, a game its newest
const pair = { left: "game", right: null };

// --- connection
function connect() {
  const url = new URL("live" + location.search, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { tries = 0; told = ""; say(""); look(); };
  socket.onclose = event => {
    $("kind").textContent = "not connected"; $("kind").className = "pill gone";
    say(event.reason || "The connection is gone; trying again.", true);
    setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  };
  const own = socket;
  socket.onmessage = async event => {
    if (typeof event.data === "string") { hear(JSON.parse(event.data)); return; }
    const bundle = await screens.show(event.data);
    follow();
    if (own.readyState === WebSocket.OPEN) own.send(JSON.stringify({ type: "drawn", bundle }));
  };
}
function send(type, fields = {}) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type, ...fields }));
}
function look() {
  const sides = view === "columns" ? null : [pair.left, pair.right].filter(Boolean);
  const heat = view === "heat" && pair.right && pair.left !== pair.right ? [pair.left, pair.right] : null;
  send("look", { aligned: isAligned(), heat, columns: view === "heat" ? [] : sides });
}
const isAligned = () => aligned ?? (view !== "columns" || (state ? !state.player.live : true));
function say(text, stays = false) {
  clearTimeout(messageTimer);
  $("message").textContent = text; $("message").hidden = !text;
  if (text && !stays) messageTimer = setTimeout(() => say(""), 8000);
}

// --- what the server says
function hear(message) {
  if (message.kind === "refusal") { say(message.says); return; }
  if (message.kind !== "state") return;
  const isFirst = !state, before = state;
  state = message;
  if (before && performance.now() - asked < SETTLE_MS) {  // it may have been said before it was asked
    Object.assign(state, { choice: before.choice, together: before.together });
    state.player.playing = before.player.playing;
  }
  if (isFirst || state.player.live !== wasLive) { wasLive = state.player.live; layOut(); look(); }
  if (state.heat_error) say(state.heat_error);
  tell();
}
function options(select, entries, chosen) {
  const wanted = JSON.stringify(entries);
  if (select.dataset.entries !== wanted) {
    select.dataset.entries = wanted;
    select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
  }
  if (document.activeElement !== select) select.value = chosen;
}
function layOut() {
  pair.right ??= state.columns[1]?.name ?? "game";
  $("columns").replaceChildren(...state.columns.map(column => {
    const section = document.createElement("section");
    section.dataset.column = column.name;
    section.innerHTML = `<h3><span></span><span class="state"></span></h3><div class="screen"><canvas width="16" height="9"></canvas>
      <p class="fault" hidden></p></div><p class="figures"></p><div class="meter" hidden><i></i><b></b></div>`;
    section.querySelector("h3 span").textContent = column.label;
    const canvas = section.querySelector("canvas");
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", column.label);
    screens.attach(column.name, canvas);
    return section;
  }));
  screens.attach("heat", $("heat-canvas"));
  setView(view);
}
function tell() {
  const { player, choice, capture } = state, kind = $("kind");
  $("source").textContent = state.source; document.title = `${state.source} – stylebridge watch`;
  kind.textContent = player.live ? "live" : "recording"; kind.className = player.live ? "pill live" : "pill";
  const facts = [`${player.rate} fps`];
  if (player.live) facts.push(`${player.frames} frames`, `${player.dropped} dropped on their way`);
  if (player.listens_at) facts.push(`listens at ${player.listens_at}`);
  if (state.passed_over) facts.push(`${state.passed_over} not shown here`);
  facts.push(`${state.viewers} viewer${state.viewers === 1 ? "" : "s"}`);
  $("facts").textContent = facts.join(" · ");
  const lasting = player.error || player.note, trouble = lasting || player.problems.at(-1) || "";
  if (trouble !== told) { told = trouble; say(trouble, Boolean(lasting)); }
  $("play").textContent = player.playing ? "Pause" : "Play";
  for (const id of ["seek-label", "back"]) $(id).hidden = player.live;
  if (!player.live) {
    $("seek").max = player.count - 1;
    if (!screens.facts.has("game") || view === "heat") {
      if (!seeking) $("seek").value = player.position;
      $("number").textContent = `${player.position + 1} of ${player.count}`;
    } else follow();
  }
  $("together").checked = state.together;
  $("aligned").checked = isAligned();
  $("stream-label").hidden = !(player.streams?.length > 1);
  options($("stream"), (player.streams ?? []).map(name => [name, name]), player.stream);
  options($("model"), state.models.map((name, index) => [String(index), name]), String(choice.model));
  const names = state.columns.map(column => [column.name, column.label]);
  options($("left"), names, pair.left); options($("right"), names, pair.right);
  if (document.activeElement !== $("mode")) $("mode").value = choice.mode;
  if (document.activeElement !== $("every")) $("every").value = choice.every;
  $("every-number").textContent = choice.every; $("every-label").hidden = choice.mode === "plain";
  $("retry").hidden = !state.columns.some(column => column.status === "failing");
  $("hint").textContent = state.columns.find(column => column.note)?.note ?? "";
  $("capture").hidden = !capture.possible;
  $("capture").setAttribute("aria-pressed", capture.running);
  $("capture").textContent = capture.running ? "■ Stop" : "● Capture";
  $("capture").title = `Record what comes from now on into a new file in ${capture.folder}`;
  const dropped = capture.dropped ? `, ${capture.dropped} dropped` : "";
  $("capture-facts").textContent = capture.error || (capture.file ? `${capture.file}: ${capture.frames} frames${dropped}` : "");
  state.columns.forEach(tellColumn);
  tellHeat();
  arrange();
}
// The slider goes with the pictures, which come more often than words.
function follow() {
  const game = screens.facts.get("game");
  if (!state || state.player.live || !game || view === "heat") return;
  if (!seeking) $("seek").value = game.number;
  $("number").textContent = `${game.number + 1} of ${state.player.count}`;
}
// As many columns beside each other as make the pictures largest.
function arrange() {
  const main = $("columns"), count = state?.columns.length ?? 1, game = screens.facts.get("game");
  const aspect = game ? game.width / game.height : 16 / 9, words = 110;
  const widthOf = across => Math.min(main.clientWidth / across, (main.clientHeight / Math.ceil(count / across) - words) * aspect);
  let best = 1;
  for (let across = 2; across <= count; across++) if (widthOf(across) > widthOf(best)) best = across;
  main.style.gridTemplateColumns = `repeat(${best}, minmax(0, ${Math.max(240, Math.floor(widthOf(best)))}px))`;
}
// A picture of a game that nothing follows any more grows old on the page, too.
function ageOf(facts) {
  const since = performance.now() - facts.drawn;
  return facts.age_ms + (state.player.live && state.player.playing && since > STILL_MS ? since : 0);
}
function tellColumn(column) {
  const section = document.querySelector(`section[data-column="${CSS.escape(column.name)}"]`);
  const fault = section.querySelector(".fault"), meter = section.querySelector(".meter");
  section.className = column.status;
  section.querySelector(".state").textContent = { opening: "opening …", failing: "failing", absent: "waiting", waiting: "waiting" }[column.status] ?? "";
  fault.textContent = column.error; fault.hidden = !column.error;
  const facts = screens.facts.get(column.name), words = [`${screens.fps(column.name).toFixed(1)} fps`];
  if (facts) words.push(`age ${ageOf(facts).toFixed(0)} ms`);
  if (column.name !== "game" && column.work_ms !== null) words.push(`${column.work_ms} ms a picture`);
  if (column.flicker !== null) words.push(`flicker ${column.flicker.toFixed(2)} (game ${column.flicker_game.toFixed(2)})`);
  if (column.passed_over) words.push(`${column.passed_over} passed over`);
  if (column.failures) words.push(`${column.failures} failed`);
  section.querySelector(".figures").textContent = words.join(" · ");
  meter.hidden = column.flicker === null;
  if (column.flicker !== null) {
    const full = Math.max(4, column.flicker_game * 3, column.flicker);
    meter.querySelector("i").style.width = `${100 * column.flicker / full}%`;
    meter.querySelector("b").style.left = `${100 * column.flicker_game / full}%`;
  }
}
function tellHeat() {
  const facts = screens.facts.get("heat"), label = name => state.columns.find(column => column.name === name)?.label ?? "";
  if (view !== "heat") return;
  if (pair.left === pair.right) { $("heat-facts").textContent = "Choose two different columns."; return; }
  if (!facts || facts.pair.join() !== [pair.left, pair.right].join()) { $("heat-facts").textContent = "no difference yet"; return; }
  const equal = facts.most === 0 ? "equal in every pixel" : `mean ${facts.mean} · largest ${facts.most} of 255 · PSNR ${facts.psnr_db} dB`;
  $("heat-facts").textContent =
    `${label(facts.pair[0])} and ${label(facts.pair[1])}, frame ${facts.number + (state.player.live ? 0 : 1)}: ${equal}`;
}

// --- what a person does
function setView(name) {
  view = name;
  $("view").value = name;
  $("columns").hidden = name !== "columns"; $("wipe").hidden = name !== "wipe"; $("heat").hidden = name !== "heat";
  $("pair").hidden = name === "columns";
  for (const canvas of [$("wipe-left"), $("wipe-right")]) screens.detach(canvas);
  if (name === "wipe" && state) {
    screens.attach(pair.left, $("wipe-left")); screens.attach(pair.right, $("wipe-right"));
    const label = side => state.columns.find(column => column.name === side)?.label ?? "";
    $("tag-left").textContent = label(pair.left); $("tag-right").textContent = label(pair.right);
  }
  setCut(cut);
  if (socket?.readyState === WebSocket.OPEN) look();
  if (state) tell();
}
function setCut(value) {
  cut = Math.min(100, Math.max(0, value));
  $("wipe").style.setProperty("--cut", cut + "%"); $("wipe").setAttribute("aria-valuenow", Math.round(cut));
}
function drag(event) {
  const box = $("wipe").getBoundingClientRect();
  if (event.buttons || event.type === "pointerdown") setCut(100 * (event.clientX - box.left) / box.width);
}
function nextSide(side) {
  const names = state.columns.map(column => column.name);
  pair[side] = names[(names.indexOf(pair[side]) + 1) % names.length];
  setView(view);
}
// What was asked for is taken for done until the server says otherwise, so that two quick presses are two.
function style(fields) { asked = performance.now(); Object.assign(state.choice, fields); send("style", fields); tell(); }
function play(on) { asked = performance.now(); state.player.playing = on; send("play", { on }); tell(); }
function together(on) { asked = performance.now(); state.together = on; send("together", { on }); tell(); }
const step = count => send("step", { count });
const go = by => view === "wipe" ? setCut(cut + 2 * by) : step(by);
function nextMode() {
  const modes = ["plain", "reproject", "causal"];
  style({ mode: modes[(modes.indexOf(state.choice.mode) + 1) % modes.length] });
}
function spread(by) { style({ every: Math.min(16, Math.max(1, state.choice.every + by)) }); }
function setAligned(on) { aligned = on; $("aligned").checked = on; look(); }
const fullScreen = () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
const keys = {
  " ": () => play(!state.player.playing), ",": () => step(-1), ".": () => step(1),
  ArrowLeft: () => go(-1), ArrowRight: () => go(1), Home: () => send("seek", { number: 0 }),
  End: () => send("seek", { number: (state.player.count ?? 1) - 1 }),
  1: () => setView("columns"), 2: () => setView("wipe"), 3: () => setView("heat"), a: () => nextSide("left"), b: () => nextSide("right"),
  m: () => state.models.length && style({ model: (state.choice.model + 1) % state.models.length }), u: nextMode,
  "[": () => spread(-1), "]": () => spread(1), l: () => setAligned(!isAligned()),
  t: () => together(!state.together), c: () => state.capture.possible && send("capture", { on: !state.capture.running }),
  r: () => send("retry"), f: fullScreen, "?": () => $("help").showModal(),
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !state) return;
  if ($("help").open) { if (event.key === "?") $("help").close(); return; }
  if (event.target.matches("select, input[type=range]")) return;
  if (event.key === " " && event.target.matches("button, input")) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});
const on = (id, kind, act) => $(id).addEventListener(kind, event => { if (state) act(event); });
for (const [id, key] of [["play", " "], ["back", ","], ["forth", "."], ["capture", "c"], ["retry", "r"], ["help-open", "?"]])
  on(id, "click", () => keys[key]());
on("seek", "pointerdown", () => { seeking = true; }); on("seek", "change", () => { seeking = false; });
on("seek", "input", event => send("seek", { number: Number(event.target.value) }));
on("together", "change", event => together(event.target.checked));
on("aligned", "change", event => setAligned(event.target.checked));
on("view", "change", event => setView(event.target.value));
on("left", "change", event => { pair.left = event.target.value; setView(view); });
on("right", "change", event => { pair.right = event.target.value; setView(view); });
on("stream", "change", event => send("stream", { name: event.target.value }));
on("model", "change", event => style({ model: Number(event.target.value) }));
on("mode", "change", event => style({ mode: event.target.value }));
on("every", "input", event => { $("every-number").textContent = event.target.value; });
on("every", "change", event => style({ every: Number(event.target.value) }));
$("wipe").addEventListener("pointerdown", event => { $("wipe").setPointerCapture(event.pointerId); drag(event); });
$("wipe").addEventListener("pointermove", drag);
addEventListener("resize", arrange);
setInterval(() => { if (state) { state.columns.forEach(tellColumn); tellHeat(); } }, 500);
connect();
