const rollouts = [...document.querySelectorAll(".rollout")];
const pick = document.getElementById("pick");
function show(index) {
  const chosen = (index + rollouts.length) % rollouts.length;
  rollouts.forEach((rollout, i) => { rollout.hidden = i !== chosen; });
  pick.value = String(chosen);
}
if (rollouts.length > 0) {
  document.querySelector(".browser").hidden = false;
  pick.addEventListener("change", () => show(Number(pick.value)));
  document.getElementById("previous").addEventListener("click", () => show(Number(pick.value) - 1));
  document.getElementById("next").addEventListener("click", () => show(Number(pick.value) + 1));
  show(0);
}
