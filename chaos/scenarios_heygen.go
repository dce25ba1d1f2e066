package chaos

import (
	"time"

	"heyq/heygen/simulator"
)

// fromTable is a scenario that HeyGen is the whole of: one rule, in force twice
// for some seconds.
type fromTable struct {
	on, fault string
	hit       share
	delay     time.Duration
	proves    string
	failures  []string // the codes under which videos may fail here
}

// heygenTable is one row for each thing that HeyGen does wrong.
var heygenTable = []fromTable{
	{"create", "hang", some, 0, "a create that is never answered and never accepted is sent again under its key", nil},
	{"create", "accept_hang", some, 0, "one that is accepted and never answered is found under its key, and paid once", nil},
	{"create", "accept_500", many, 0, "so is one that is accepted and answered with 500", nil},
	{"create", "accept_504", many, 0, "with 504 and a page of HTML", nil},
	{"create", "accept_reset", many, 0, "with a reset", nil},
	{"create", "accept_half", many, 0, "with half a body", nil},
	{"create", "not_json", many, 0, "with something that is no JSON", nil},
	{"create", "error_200", many, 0, "a 200 with an error inside is no acceptance", nil},
	{"create", "error_500", many, 0, "a create that failed is sent again", nil},
	{"create", "reset", many, 0, "so is one whose connection was reset", nil},
	{"create", "in_progress", many, 0, "409 is waited out with the same key, and burns no attempt", nil},
	{"create", "throttle", some, 0, "429 pauses admission for all videos, for as long as HeyGen says", nil},
	{"create", "unpaid", few, 0, "402 stops admission and fails no video; what was refused is sent again, and paid once", nil},
	{"create", "unauthorized", few, 0, "so does 401", nil},
	{"create", "unscoped", many, 0, "so does a key that may not create, however many videos wait", nil},
	{"create", "edge", many, 0, "a gateway's 403 is no refusal, and many of them stop admission", nil},
	{"create", "not_ready", many, 0, "a 409 for what is not ready yet sends the video back into the line", nil},
	{"create", "invalid", few, 0, "400 fails the one video, with HeyGen's words, and no other", []string{"invalid_parameter"}},
	{"create", "odd_error", few, 0, "so does one whose reason has an unknown shape", []string{"invalid_parameter"}},
	{"create", "conflict", few, 0, "and a 409 that does not say that the key is in progress", []string{"conflict"}},

	{"status", "error_500", many, 0, "a poll that fails is repeated, and never gives a paid render up", nil},
	{"status", "unknown_word", most, 0, "an unknown status means: still rendering", nil},
	{"status", "backwards", many, 0, "a status that goes backwards harms nothing", nil},
	{"status", "not_found", some, 0, "a 404 that does not last is not believed, or its video is revived", nil},
	{"status", "bulk_not_found", most, 0, "the bulk answer alone ends no render", nil},
	{"status", "left_out", most, 0, "a render that the bulk answer leaves out is asked about by itself", nil},
	{"status", "own_not_found", most, 0, "a completed video that HeyGen does not know for a moment is asked for again", nil},
	{"status", "cancelled", few, 0, "a word for an end that is not failed ends its video too", []string{"cancelled"}},
	{"status", "expired", few, 0, "so does another one", []string{"expired"}},
	{"status", "no_link", many, 0, "completed without a link is not done yet", nil},
	{"status", "failed_legacy", few, 0, "a render that fails fails its video with HeyGen's own code", []string{"TTS_VOICE_UNAVAILABLE_ERR"}},
	{"status", "insufficient_credit", few, 0, "credit that is missing only at the end is such a failure", []string{"MOVIO_PAYMENT_INSUFFICIENT_CREDIT"}},

	{"file", "truncated", many, 0, "a cut download is resumed", nil},
	{"file", "truncated_length", many, 0, "half a file that calls itself whole is noticed", nil},
	{"file", "truncated_chunked", many, 0, "so is one that says nothing of its length", nil},
	{"file", "no_range", many, 0, "a host that ignores Range is downloaded from anew", nil},
	{"file", "expired", many, 0, "an expired link is asked for again", nil},
	{"file", "late", many, 3 * time.Second, "a file that is not there yet is waited for", nil},
	{"file", "html", many, 0, "a page in the place of a video is not taken for one", nil},
	{"file", "bit_flip", many, 0, "a bit that turned over on the way is noticed", nil},
	{"file", "slow", many, 3 * time.Second, "a slow file holds up no other", nil},
	{"file", "endless", some, 0, "a file without an end is given up at HEYQ_MAX_VIDEO_BYTES; a retry pays nothing", []string{"file_too_large"}},
	{"file", "redirect_private", many, 0, "a redirect to a private address is not followed", nil},
	{"file", "server_error", many, 0, "a file host that fails is asked again", nil},
}

func heygenScenarios() []Scenario {
	list := make([]Scenario, 0, len(heygenTable)+6)
	for _, row := range heygenTable {
		list = append(list, row.scenario())
	}
	return append(list,
		Scenario{
			Name: "heygen-file-range_200", Proves: "a resume that is answered with the whole file is not added to the half",
			script: both(
				simulator.Rule{On: "file", Fault: "range_200"},
				simulator.Rule{On: "file", Fault: "truncated", Rate: float64(many)},
			),
			expect: all(completed, fired("file/range_200")),
		},
		Scenario{
			Name: "heygen-file-not_as_promised", Proves: "a film that is too short, silent or without a sound track is fetched again twice, and then kept for a person",
			script: oneByOne("file", "too_short", "silent", "no_sound"),
			expect: all(failedOnlyAs("needs_review"), fired("file/too_short"), fired("file/silent"), fired("file/no_sound")),
		},
		Scenario{
			Name: "heygen-list-lag", Proves: "a render that HeyGen does not list yet is not taken for unsent",
			prepare: func(o *Options) { o.Quiet = 3 * time.Minute },
			script:  lagging,
			expect:  all(failedOnlyAs("insufficient_credit"), fired("list/lag")),
		},
		Scenario{
			Name: "heygen-status-stuck", Proves: "a render that never ends fails as render_timeout; its slot is given up long after",
			prepare: func(o *Options) {
				o.Timing.RenderTimeout, o.Timing.SlotWriteoff, o.WrittenOff = 8*time.Second, 20*time.Second, true
				o.Quiet = 6 * time.Minute // heyq looks at a dead render every three minutes
			},
			script: stuckForGood, expect: all(failedOnlyAs("render_timeout"), fired("status/stuck"), slotGivenUp),
		},
		Scenario{
			Name: "heygen-status-aborted", Proves: "a word for an end that heyq does not know holds a slot for a while, and its video fails as render_timeout",
			prepare: func(o *Options) { o.Timing.RenderTimeout, o.Timing.SlotWriteoff = 8*time.Second, 20*time.Second },
			script:  both(simulator.Rule{On: "status", Fault: "aborted", Rate: float64(few)}),
			expect:  all(failedOnlyAs("render_timeout"), fired("status/aborted"), slotGivenUp),
		},
		Scenario{
			Name: "heygen-create-throttle-60s", Proves: "a Retry-After of 60 s is kept to, and the line goes on afterwards",
			prepare: func(o *Options) { o.Quiet = 3 * time.Minute },
			script:  throttledForLong, expect: all(completed, fired("create/throttle")),
		},
	)
}

func (row fromTable) scenario() Scenario {
	rule := simulator.Rule{On: row.on, Fault: row.fault, Rate: float64(row.hit), Delay: row.delay}
	if row.fault == "throttle" {
		rule.RetryAfter = 1
	}
	return Scenario{
		Name: "heygen-" + row.on + "-" + row.fault, Proves: row.proves,
		script: both(rule), expect: all(failedOnlyAs(row.failures...), fired(row.on+"/"+row.fault)),
	}
}

// alongside tells the second of two faults of one thing at the same time.
const alongside = "-alongside"

// both has the rules in force at once, twice for six seconds.
func both(rules ...simulator.Rule) func(Options) []Fault {
	return func(Options) []Fault {
		var script []Fault
		for i, rule := range rules {
			for _, t := range []time.Duration{2 * time.Second, 11 * time.Second} {
				f := fromHeyGen(rule, 6*time.Second)
				f.At = t
				if i > 0 {
					f.On += alongside
				}
				script = append(script, f)
			}
		}
		return script
	}
}

// oneByOne has HeyGen do several things wrong, each for five seconds.
func oneByOne(on string, faults ...string) func(Options) []Fault {
	return func(Options) []Fault {
		var script []Fault
		for n, fault := range faults {
			f := fromHeyGen(simulator.Rule{On: on, Fault: fault, Rate: float64(many)}, 5*time.Second)
			f.At = 2*time.Second + time.Duration(n)*6*time.Second
			script = append(script, f)
		}
		return script
	}
}

// lagging has HeyGen accept creates, lose the answers, refuse the account when
// they are sent again, and not list what it accepted while heyq looks for it.
func lagging(Options) []Fault {
	at := func(start, lasts time.Duration, rule simulator.Rule) Fault {
		rule.Rate = float64(most)
		f := fromHeyGen(rule, lasts)
		f.At = start
		return f
	}
	return []Fault{
		at(2*time.Second, 9*time.Second, simulator.Rule{On: "list", Fault: "lag", Delay: 6 * time.Second}),
		at(2*time.Second, 2*time.Second, simulator.Rule{On: "create", Fault: "accept_500"}),
		at(4*time.Second, 4*time.Second, simulator.Rule{On: "create", Fault: "unpaid"}),
	}
}

// stuckForGood lets some renders never end, and deletes none of them.
func stuckForGood(Options) []Fault {
	f := fromHeyGen(simulator.Rule{On: "status", Fault: "stuck", Rate: float64(some)}, 5*time.Second)
	f.At = 2 * time.Second
	return []Fault{f}
}

// slotGivenUp expects that a slot was written off.
func slotGivenUp(e evidence, x *Expectation) {
	n := e.tape.writtenOff()
	x.Checked = counted(n, "slot", "slots") + " given up"
	if n == 0 {
		x.breach("no slot was given up: this run shows nothing")
	}
}

// throttledForLong has HeyGen ask for a minute's patience.
func throttledForLong(Options) []Fault {
	f := fromHeyGen(simulator.Rule{On: "create", Fault: "throttle", RetryAfter: 60, Count: 1}, 10*time.Second)
	f.At = 4 * time.Second
	return []Fault{f}
}
