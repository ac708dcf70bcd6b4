// A button that records the microphone: MediaRecorder -> samples -> 16-bit WAV -> the kernel.
// A second one, live: AudioWorklet -> 16-bit samples of each second -> the kernel.

const CONSTRAINTS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const NO_MICROPHONE =
  "This page has no microphone (it takes https or localhost): upload a sound file instead.";
const REFUSED = "The browser does not give the microphone to this page: allow it, or upload a file.";

const TAP = `registerProcessor("sgim-tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = new Int16Array(sampleRate);
    this.count = 0;
  }
  process([channels]) {
    for (const sample of channels[0] ?? []) {
      this.samples[this.count++] = 32767 * Math.max(-1, Math.min(1, sample));
      if (this.count === this.samples.length) {
        this.port.postMessage(this.samples.slice());
        this.count = 0;
      }
    }
    return true;
  }
})`;

function toWav(samples, sampleRate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const write = (offset, text) =>
    [...text].forEach((letter, index) => view.setUint8(offset + index, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) => {
    const level = Math.max(-1, Math.min(1, sample));
    view.setInt16(44 + 2 * index, Math.round(32767 * level), true);
  });
  return view;
}

async function withMicrophone(use) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS });
  try {
    return await use(stream);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}

async function record(model, until, stream) {
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const ended = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  await until;
  recorder.stop();
  await ended;
  const context = new OfflineAudioContext(1, 1, model.get("sample_rate"));
  const content = await new Blob(parts, { type: recorder.mimeType }).arrayBuffer();
  return await context.decodeAudioData(content);
}

async function handOn(model, until, stream) {
  const context = new AudioContext();
  const module = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(module);
    await context.resume();
    const tap = new AudioWorkletNode(context, "sgim-tap");
    tap.port.onmessage = (event) =>
      model.send({ sample_rate: context.sampleRate }, undefined, [event.data.buffer]);
    context.createMediaStreamSource(stream).connect(tap).connect(context.destination);
    await until;
  } finally {
    URL.revokeObjectURL(module);
    await context.close();
  }
}

function render({ model, el }) {
  const [button, live] = ["record", "live"].map(() => document.createElement("button"));
  const told = document.createElement("span");
  button.className = live.className = "jupyter-button lm-Widget";
  told.setAttribute("role", "status");
  el.className += " sgim-recorder";
  el.append(button, ...(model.get("offers_live") ? [live] : []), told);

  let finish = null;
  const show = (words) => {
    button.textContent = finish && !model.get("live") ? "■ stop recording" : "● record";
    live.textContent = model.get("live") ? "■ stop live" : "● live";
    button.disabled = model.get("live");
    live.disabled = Boolean(finish) && !model.get("live");
    told.textContent = words;
  };
  const listen = async (use) => {
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      show(NO_MICROPHONE);
      return;
    }
    const until = new Promise((resolve) => (finish = resolve));
    try {
      const words = await withMicrophone((stream) => use(until, stream));
      finish = null;
      show(words);
    } catch (error) {
      finish = null;
      show(error.name === "NotFoundError" ? NO_MICROPHONE : REFUSED);
    }
  };
  const takeDown = async (until, stream) => {
    const seconds = model.get("max_seconds");
    const timer = setTimeout(() => finish && finish(), 1000 * seconds);
    show(`recording, ${seconds} s at most`);
    try {
      const sound = await record(model, until, stream);
      model.set("recording", toWav(sound.getChannelData(0), sound.sampleRate));
      model.save_changes();
      return `${sound.duration.toFixed(1)} s recorded`;
    } finally {
      clearTimeout(timer);
    }
  };
  const goLive = async (until, stream) => {
    setLive(true);
    show("the picture follows the microphone");
    try {
      await handOn(model, until, stream);
      return "";
    } finally {
      setLive(false);
    }
  };
  const setLive = (value) => {
    model.set("live", value);
    model.save_changes();
  };
  const stopWithKernel = () => !model.get("live") && finish && finish();
  model.on("change:live", stopWithKernel);
  button.addEventListener("click", () => (finish ? finish() : listen(takeDown)));
  live.addEventListener("click", () => (finish ? finish() : listen(goLive)));
  show("");
  return () => {
    model.off("change:live", stopWithKernel);
    finish && finish();
  };
}

export default { render };
