package chaos

import (
	"fmt"
	"time"
)

func diskScenarios() []Scenario {
	on := func(what ...string) func(*Options) { return func(o *Options) { o.OnDisk = what } }
	return []Scenario{
		{
			Name: "postgres-disk-full", Proves: "a full disk of Postgres stops everything, loses nothing and pays nothing twice; what cannot be written is answered with 503",
			prepare: on(onDiskPostgres), missing: wantsDisk,
			script: at(lasting(onDisk("disk-full", outage, diskFull, diskRoom), 8*time.Second), 4*time.Second),
			expect: all(completed, wasUnavailable),
		},
		{
			Name: "postgres-disk-slow", Proves: "a disk of Postgres that stands still for half a second again and again costs time, and nothing else",
			prepare: on(onDiskPostgres), missing: wantsDisk,
			script: at(lasting(onDisk("disk-slow", outage, diskSlow, diskFast), 10*time.Second), 4*time.Second),
			expect: completed,
		},
		{
			Name: "media-disk-slow", Proves: "so does such a disk under the media and the spool",
			prepare: on(onDiskMedia, onDiskHome), missing: wantsDisk,
			script: at(lasting(onDisk("disk-slow", outage, diskSlow, diskFast), 10*time.Second), 4*time.Second),
			expect: completed,
		},
		{
			Name: "power-cut", Proves: "a machine without power loses nothing that was told of: rows and files are there when it boots",
			prepare: busyDisk, missing: wantsDisk,
			script: at(lasting(onDisk("power-cut", blink, powerCut, boot), time.Second), 4*time.Second, 9*time.Second, 14*time.Second, 19*time.Second),
			expect: all(completed, wasUnavailable),
		},
	}
}

// busyDisk has files under way at every moment.
func busyDisk(o *Options) {
	o.OnDisk, o.Videos, o.Slots = wholeMachine, 120, 20
}

// wasUnavailable expects that the API could not take something meanwhile.
func wasUnavailable(e evidence, x *Expectation) {
	x.Checked += fmt.Sprintf(", %s found heyq unable", counted(int(e.unavailable), "try", "tries"))
	if e.unavailable == 0 {
		x.breach("every try was taken at once: this run shows nothing")
	}
}
