"""The Studio by the kernel's messages alone, as VS Code and all other front ends speak with it."""

import time
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

STUDIO = """\
import sgim
from sgim.notebook import Studio

Studio(sgim.load_bundle("mini", device="cpu"))"""
MODULES = {"@jupyter-widgets/base", "@jupyter-widgets/controls", "anywidget"}
"""Where a front end without extensions of JupyterLab looks for widgets."""

VIEW = "application/vnd.jupyter.widget-view+json"


class FrontEnd:
    """Keeps the state of every widget that the kernel opens, and sends what a person does."""

    def __init__(self, client):
        self._client = client
        self.widgets: dict[str, dict] = {}
        self.shown: list[dict] = []
        self.states: dict[str, dict] = {}
        self.wrong: list[dict] = []

    def run(self, code: str) -> None:
        asked = self._client.execute(code)
        while not self._take_one(self._client.get_iopub_msg(timeout=120), asked):
            pass

    def follow(self, until, seconds: float = 120) -> None:
        """Take messages until something holds."""
        end = time.monotonic() + seconds
        while not until():
            self._take_one(self._client.get_iopub_msg(timeout=end - time.monotonic()))

    def _take_one(self, message: dict, asked: str = "") -> bool:
        """Note one message; whether it says that what was asked is done."""
        kind, content = message["msg_type"], message["content"]
        data = content.get("data", {})
        if kind == "comm_open":
            self.widgets[content["comm_id"]] = data["state"]
        elif kind == "comm_msg" and data["method"] == "update":
            self.widgets[content["comm_id"]].update(data["state"])
        elif kind == "comm_msg" and data["method"] == "update_states":
            self.states = data["states"]
        elif kind == "execute_result":
            self.shown.append(data)
        elif kind == "error" or content.get("name") == "stderr":
            self.wrong.append(content)
        is_idle = kind == "status" and content["execution_state"] == "idle"
        return is_idle and message["parent_header"].get("msg_id") == asked

    def find(self, description: str) -> str:
        """The one widget with this label."""
        (found,) = (
            name for name, state in self.widgets.items() if state.get("description") == description
        )
        return found

    def says(self, words: str) -> bool:
        """Whether the sentence of the panel has these words."""
        values = (str(state.get("value")) for state in self.widgets.values())
        return any('role="status"' in value and words in value for value in values)

    def move(self, description: str, value: object) -> None:
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        self._send("comm_msg", {"comm_id": self.find(description), "data": state})

    def click(self, description: str) -> None:
        """Click as soon as the button lets itself be clicked."""
        button = self.find(description)
        self.follow(lambda: not self.widgets[button]["disabled"])
        event = {"method": "custom", "content": {"event": "click"}}
        self._send("comm_msg", {"comm_id": button, "data": event})

    def ask_for_all_states(self) -> None:
        """What a page does that is opened again while the kernel runs."""
        name, target = "again", "jupyter.widget.control"
        opened = {"comm_id": name, "target_name": target, "data": {}}
        self._send("comm_open", opened, {"version": "1.0.0"})
        self._send("comm_msg", {"comm_id": name, "data": {"method": "request_states"}})

    def _send(self, kind: str, content: dict, metadata: dict | None = None) -> None:
        message = self._client.session.msg(kind, content, metadata=metadata)
        self._client.shell_channel.send(message)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    kernel, client = start_new_kernel(cwd=str(elsewhere))
    page = FrontEnd(client)
    page.run(STUDIO)
    yield page
    client.stop_channels()
    kernel.shutdown_kernel(now=True)
    reopened = "No such comm: again\n"  # the kernel's last word to a page that is gone
    assert [one for one in page.wrong if one.get("text") != reopened] == []


def test_all_that_the_panel_is_made_of_is_sent_and_known_to_every_front_end(page):
    (shown,) = page.shown
    assert shown[VIEW]["model_id"] in page.widgets
    assert shown["text/plain"] and "<img" in shown["text/html"]
    assert {state["_model_module"] for state in page.widgets.values()} <= MODULES
    children = [one for state in page.widgets.values() for one in state.get("children", ())]
    names = {child.removeprefix("IPY_MODEL_") for child in children}
    assert len(names) == len(children) and names < set(page.widgets)


def test_messages_alone_make_an_edit(page):
    page.move("steps", 3)
    page.click("Run")
    page.follow(lambda: page.says("Done after 3 of 3 steps"))
    assert page.widgets[page.find("step")]["max"] == 3


def test_stop_is_heard_while_an_edit_runs(page):
    page.move("steps", 200)
    page.click("Run")
    page.follow(lambda: page.says("Step "))
    page.click("Stop")
    page.follow(lambda: page.says("Stopped after"))


def test_a_page_that_is_opened_again_gets_all_states(page):
    page.ask_for_all_states()
    page.follow(lambda: page.states)
    assert set(page.widgets) <= set(page.states)
    assert page.states[page.find("steps")]["state"]["value"] == 200
