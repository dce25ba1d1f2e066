package chaos

import (
	"context"
	"math/rand/v2"
)

// receiverFaults are what the receiver of notifications does wrong.
var receiverFaults = []card{
	ofReceiver("receiver-fails", failing),
	ofReceiver("receiver-silent", silent),
}

func ofReceiver(name string, mood int32) card {
	return func(chance *rand.Rand, _ Options) Fault {
		return Fault{
			Name: name, On: "receiver", For: outage.pick(chance),
			strike: func(_ context.Context, s *stage, _ *Strike) error {
				s.receiver.mood.Store(mood)
				return nil
			},
			lift: func(_ context.Context, s *stage) error {
				s.receiver.mood.Store(pleased)
				return nil
			},
		}
	}
}
