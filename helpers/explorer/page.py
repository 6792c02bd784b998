"""What the explorer's page needs besides widgets: its looks, and how keys and clicks arrive."""

# A list of all moves, the last ones of which are sent each time: ipywidgets may leave out a
# value that comes while the kernel is at work. The receiver is a text field that is not shown.
_SEND = (
    "const root=this.closest('.cx'),pad=root.querySelector('.cx-pad');"
    "pad.moves=pad.moves||[];pad.moves.push(move);"
    "const field=root.querySelector('.cx-moves input');"
    "field.value=pad.moves.length+':'+pad.moves.slice(-50).join(' ');"
    "field.dispatchEvent(new Event('change',{bubbles:true}));"
)
_KEY = (
    "const move={ArrowLeft:'l',ArrowRight:'r',ArrowUp:'u',ArrowDown:'d',Home:'h',End:'e'}"
    "[event.key];if(move&&!event.altKey&&!event.ctrlKey&&!event.metaKey){"
    f"event.preventDefault();event.stopPropagation();{_SEND}}}"
)
_CLICK = (
    "const cell=event.target.closest('[data-go]');if(cell){const move='g'+cell.dataset.go;"
    f"{_SEND}pad.focus({{preventScroll:true}});}}"
)
# What ipywidgets gives no way to say: what a screen reader reads out when it changes, what the
# slider is called (in ipywidgets 7 also that it is one, and its value), and that keys pressed
# here are not meant for JupyterLab.
_NAMES = (
    "setTimeout(()=>{const root=this.closest('.cx');if(!root)return;"
    "const said=root.querySelector('.cx-said'),step=root.querySelector('.cx-step');"
    "if(said){said.setAttribute('aria-live','polite');said.setAttribute('aria-atomic','true');}"
    "const slider=step&&step.querySelector('[role=slider],.ui-slider-handle');"
    "if(slider){slider.setAttribute('aria-label','window number');"
    "if(!slider.hasAttribute('role')){slider.setAttribute('role','slider');"
    "slider.onkeyup=slider.onfocus=()=>slider.setAttribute('aria-valuenow',"
    "step.querySelector('.widget-readout').textContent);}}"
    "for(const own of root.querySelectorAll('.cx-step,.cx-pad,textarea'))"
    "own.setAttribute('data-lm-suppress-shortcuts','true');},500)"
)

LOOKS = """
.cx{max-width:100%;color:var(--jp-content-font-color1,inherit)}
.cx .widget-html-content,.cx .jupyter-widgets.widget-html{line-height:1.5;white-space:normal;
 overflow:visible;height:auto}
.cx-controls{flex-flow:row wrap;gap:2px 12px}
.cx .widget-label{width:auto;min-width:5.5em;text-align:right}
.cx .widget-hbox{flex-wrap:wrap;overflow:visible}
.cx textarea{font-family:var(--jp-code-font-family,monospace);white-space:pre;overflow:auto}
.cx-pad{display:inline-block;padding:4px 12px;border:1px dashed currentColor;border-radius:4px;
 cursor:pointer}
.cx-pad:focus{outline:3px solid #d55e00;outline-offset:1px}
.cx-said p,.cx-formulas p{margin:2px 0;overflow-wrap:anywhere}
.cx-sum{font-family:var(--jp-code-font-family,monospace)}
.cx-problem{border-left:4px solid #d55e00;padding:4px 8px}
.cx-tables{display:flex;flex-wrap:wrap;gap:12px 24px;align-items:flex-start}
.cx-old .cx-tables{opacity:.4}
.cx-part{overflow-x:auto;max-width:100%}
.cx table.cx-grid{border-collapse:collapse;margin:0;width:auto;table-layout:auto;
 font-size:13px;color:inherit;border:none}
.cx table.cx-grid caption{text-align:left;font-weight:bold;white-space:nowrap;color:inherit;
 caption-side:top;padding:0 0 2px}
.cx table.cx-grid tr,.cx table.cx-grid tr:hover{background:none}
.cx table.cx-grid th{font-weight:normal;opacity:.75;padding:0 5px;text-align:center;border:none;
 background:none}
.cx table.cx-grid td{border:1px solid #777;min-width:2.1em;height:1.9em;padding:0 4px;
 text-align:center;color:#111;background:#fff;box-sizing:border-box}
.cx table.cx-grid td[data-go]{cursor:pointer}
.cx table.cx-grid td.cx-corner{border:none;background:none}
.cx table.cx-grid td.cx-open{background:none;color:inherit}
.cx table.cx-grid td.cx-padding{background:#fff repeating-linear-gradient(45deg,#fff 0 4px,
 #ccc 4px 6px)}
.cx table.cx-grid td.cx-lit{outline:3px solid #d55e00;outline-offset:-3px;font-weight:bold}
.cx table.cx-small td{min-width:12px;width:12px;height:12px;padding:0;font-size:0;
 border-color:#999}
.cx table.cx-small td.cx-lit{outline-width:2px;outline-offset:-2px}
.cx table.cx-small th{font-size:0;padding:0}
"""


def pad() -> str:
    """Return the place that takes the arrow keys, with the looks of everything."""
    return (
        f'<style onload="{_NAMES}">{LOOKS}</style>'
        f'<div class="cx-pad" tabindex="0" role="application" onkeydown="{_KEY}" '
        'onclick="this.focus()" data-lm-suppress-shortcuts="true" '
        'aria-label="Window. Arrow keys move it, Home and End go to the first and the last.">'
        "↔ ↕ Here, arrow keys move the window; Home and End go to the first and the last. A click "
        "on a cell of a table brings it there too.</div>"
        "<details><summary>How input, kernel and layers are typed</summary>"
        "Numbers apart by spaces, fractions such as 1/9 too; a new line or a semicolon ends a row, "
        "an empty line a channel, and a line of two dashes the kernel of an output channel. "
        "Layers above are kernel sizes, or size/stride: 3, 2/2. What is typed counts when you "
        "leave the field, as by Tab.</details>"
    )


def clickable(content: str, old: bool = False) -> str:
    """Return HTML whose cells with data-go can be clicked; `old` is dimmed."""
    dimmed = ' class="cx-old"' if old else ""
    return f'<div{dimmed} onclick="{_CLICK}">{content}</div>'
