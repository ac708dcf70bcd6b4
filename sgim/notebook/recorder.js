// A button that records the microphone: MediaRecorder -> samples -> 16-bit WAV -> the kernel.

const CONSTRAINTS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const NO_MICROPHONE =
  "This page has no microphone (it takes https or localhost): upload a sound file instead.";
const REFUSED = "The browser does not give the microphone to this page: allow it, or upload a file.";

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

async function record(model, until) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS });
  try {
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
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}

function render({ model, el }) {
  const button = document.createElement("button");
  const told = document.createElement("span");
  button.className = "jupyter-button lm-Widget";
  told.setAttribute("role", "status");
  el.className += " sgim-recorder";
  el.append(button, told);

  let finish = null;
  const show = (words) => {
    button.textContent = finish ? "■ stop recording" : "● record";
    told.textContent = words;
  };
  const start = async () => {
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      show(NO_MICROPHONE);
      return;
    }
    const until = new Promise((resolve) => (finish = resolve));
    const seconds = model.get("max_seconds");
    const timer = setTimeout(() => finish && finish(), 1000 * seconds);
    show(`recording, ${seconds} s at most`);
    try {
      const sound = await record(model, until);
      finish = null;
      model.set("recording", toWav(sound.getChannelData(0), sound.sampleRate));
      model.save_changes();
      show(`${sound.duration.toFixed(1)} s recorded`);
    } catch (error) {
      finish = null;
      show(error.name === "NotFoundError" ? NO_MICROPHONE : REFUSED);
    } finally {
      clearTimeout(timer);
    }
  };
  button.addEventListener("click", () => (finish ? finish() : start()));
  show("");
  return () => finish && finish();
}

export default { render };
