package chaos

import (
	"strings"
	"testing"
)

// What asynq has yet to drop is a breach once it has had the time to.
func TestNothingLeft_known(t *testing.T) {
	t.Parallel()
	for settled, breaches := range map[bool]int{false: 0, true: 1} {
		i := evidence{left: leftovers{known: 2, settled: settled}}.nothingLeft()
		if i.Broken != breaches || strings.Contains(i.Checked, "2 tasks") == settled {
			t.Errorf("settled %t: checked %s, and breached %v", settled, i.Checked, i.Culprits)
		}
	}
	if i := (evidence{left: leftovers{settled: true}}).nothingLeft(); i.Broken > 0 {
		t.Errorf("nothing is left, and it is breached: %v", i.Culprits)
	}
}
