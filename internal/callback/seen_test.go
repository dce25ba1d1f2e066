package callback_test

import (
	"strconv"
	"testing"

	"heyq/internal/callback"
)

func TestSeen_keeps_the_last_and_no_more_than_twice_as_many(t *testing.T) {
	t.Parallel()
	const most, n = 10, 1000
	s := callback.NewSeen(most)
	for i := range n {
		if s.Has(strconv.Itoa(i)) {
			t.Fatalf("%d was seen before it came", i)
		}
		s.Add(strconv.Itoa(i))
		for last := max(0, i-most+1); last <= i; last++ {
			if !s.Has(strconv.Itoa(last)) {
				t.Fatalf("%d is forgotten after %d", last, i)
			}
		}
	}
	kept := 0
	for i := range n {
		if s.Has(strconv.Itoa(i)) {
			kept++
		}
	}
	if kept > 2*most {
		t.Errorf("%d are kept, want %d at most", kept, 2*most)
	}
}
