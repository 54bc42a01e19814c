// Films: frames that follow each other. Without this script all of them stand below each other.
const FRAME_MS = 120;
const LAST_FRAME_MS = 1500;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

for (const film of document.querySelectorAll(".film")) {
  const frames = [...film.children];
  if (frames.length < 2) continue;
  const last = frames.length - 1;
  let shown = last;
  let timer = 0;

  const button = document.createElement("button");
  const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: last });
  const count = document.createElement("output");
  button.type = "button";
  slider.setAttribute("aria-label", "frame");

  const show = frame => {
    frames[shown].hidden = true;
    shown = frame;
    frames[shown].hidden = false;
    slider.value = String(frame);
    count.value = `${frame + 1} / ${frames.length}`;
  };
  const label = () => {
    button.textContent = timer ? "❚❚" : "▶";
    button.setAttribute("aria-label", timer ? "pause" : "play");
  };
  const pause = () => {
    clearTimeout(timer);
    timer = 0;
    label();
  };
  const next = () => {
    show(shown === last ? 0 : shown + 1);
    timer = setTimeout(next, shown === last ? LAST_FRAME_MS : FRAME_MS);
  };
  const play = () => {
    if (!timer) timer = setTimeout(next, FRAME_MS);
    label();
  };

  // It plays while it can be seen, until someone stops it.
  let wanted = !calm;
  button.addEventListener("click", () => {
    wanted = !timer;
    if (wanted) play();
    else pause();
  });
  slider.addEventListener("input", () => {
    wanted = false;
    pause();
    show(Number(slider.value));
  });
  new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting && wanted) play();
    else pause();
  }).observe(film);

  for (const frame of frames) frame.hidden = true;
  show(last);
  label();
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.append(button, slider, count);
  film.append(controls);
}
