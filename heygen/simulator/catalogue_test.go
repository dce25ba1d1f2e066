package simulator_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

func TestCatalogue(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	var looks, voices []string
	for _, l := range get[[]struct{ ID string }](a, "/v3/avatars/looks") {
		looks = append(looks, l.ID)
	}
	for _, v := range get[[]struct {
		VoiceID string `json:"voice_id"`
	}](a, "/v3/voices") {
		voices = append(voices, v.VoiceID)
	}
	var wantLooks, wantVoices []string
	for i := 1; i <= 5; i++ {
		wantLooks, wantVoices = append(wantLooks, fmt.Sprint("avatar_", i)), append(wantVoices, fmt.Sprint("voice_", i))
	}
	if diff := cmp.Diff(wantLooks, looks); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantVoices, voices); diff != "" {
		t.Error(diff)
	}
	if groups := get[[]struct{ ID string }](a, "/v3/avatars"); len(groups) != 5 {
		t.Errorf("groups %v", groups)
	}
}

func TestCatalogue_filters(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for path, want := range map[string]int{
		"/v3/avatars?ownership=private":              0,
		"/v3/avatars/looks?avatar_type=photo_avatar": 2,
		"/v3/avatars/looks?group_id=group_2":         1,
		"/v3/avatars/looks?ownership=public":         5,
		"/v3/voices?gender=male":                     2,
		"/v3/voices?language=French":                 1,
		"/v3/voices?engine=starfish":                 5,
		"/v3/voices?type=private":                    0,
		"/v3/voices?limit=3":                         3,
	} {
		if got := get[[]any](a, path); len(got) != want {
			t.Errorf("%s: %d, want %d", path, len(got), want)
		}
	}
}

func TestAccount_paysPerRender(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	balance := func() float64 {
		me := get[struct {
			Username    string
			BillingType string `json:"billing_type"`
			Wallet      struct {
				Currency         string
				RemainingBalance float64 `json:"remaining_balance"`
			}
		}](a, "/v3/users/me")
		if me.Username == "" || me.BillingType != "wallet" || me.Wallet.Currency != "usd" {
			t.Errorf("me %+v", me)
		}
		return me.Wallet.RemainingBalance
	}
	before := balance()
	a.create("paid")
	if after := balance(); after >= before {
		t.Errorf("balance went from %v to %v", before, after)
	}
}
