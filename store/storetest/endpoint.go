package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"heyq/store"
)

var endpointTests = []test{
	{"are kept, replaced and forgotten", func(s *scene) {
		s.wantEndpoints()
		one := store.Endpoint{ID: "one", URL: "https://heyq.example/webhooks/heygen", Secret: "s1"}
		two := store.Endpoint{ID: "two", URL: "https://elsewhere.example/webhooks/heygen", Secret: "s2"}
		s.must(s.db.SaveEndpoint(s.ctx, one))
		s.advance(time.Hour)
		s.must(s.db.SaveEndpoint(s.ctx, two))
		s.wantEndpoints(one, two)
		one.Secret = "s3"
		s.advance(time.Hour)
		s.must(s.db.SaveEndpoint(s.ctx, one))
		s.wantEndpoints(two, one) // as new as its secret
		s.must(s.db.DropEndpoint(s.ctx, two.ID))
		s.must(s.db.DropEndpoint(s.ctx, two.ID))
		s.wantEndpoints(one)
	}},
	{"tell when they were registered", func(s *scene) {
		s.must(s.db.SaveEndpoint(s.ctx, store.Endpoint{ID: "one"}))
		list, err := s.db.Endpoints(s.ctx)
		s.must(err)
		if since := time.Since(list[0].CreatedAt).Abs(); since > margin || list[0].CreatedAt.Location() != time.UTC {
			s.Errorf("registered at %v, want now, in UTC", list[0].CreatedAt)
		}
	}},
}

func (s *scene) wantEndpoints(want ...store.Endpoint) {
	s.Helper()
	got, err := s.db.Endpoints(s.ctx)
	s.must(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(store.Endpoint{}, "CreatedAt")); diff != "" {
		s.Fatalf("endpoints (-want +got):\n%s", diff)
	}
}
