package heygen_test

import (
	"testing"

	"heyq/heygen"
)

func TestRemaining(t *testing.T) {
	t.Parallel()
	number := func(f float64) *float64 { return &f }
	for _, test := range []struct {
		name   string
		user   heygen.User
		amount float64
		unit   string
		known  bool
	}{
		{"a wallet", heygen.User{Wallet: &heygen.Wallet{Currency: "usd", RemainingBalance: number(12.5)}}, 12.5, "usd", true},
		{"an empty one", heygen.User{Wallet: &heygen.Wallet{Currency: "credits", RemainingBalance: number(0)}}, 0, "credits", true},
		{"one that does not say", heygen.User{Wallet: &heygen.Wallet{Currency: "usd"}}, 0, "", false},
		{"a subscription", heygen.User{Subscription: &heygen.Subscription{Plan: "pro"}}, 0, "", false},
		{"credits", heygen.User{UsageBased: &heygen.UsageBased{RemainingCredits: number(7), SpendingCapUSD: number(1), SpendingCurrentUSD: number(1)}}, 7, "credits", true},
		{"a cap", heygen.User{UsageBased: &heygen.UsageBased{SpendingCapUSD: number(100), SpendingCurrentUSD: number(97)}}, 3, "usd", true},
		{"no cap", heygen.User{UsageBased: &heygen.UsageBased{SpendingCurrentUSD: number(97)}}, 0, "", false},
	} {
		amount, unit, known := test.user.Remaining()
		if amount != test.amount || unit != test.unit || known != test.known {
			t.Errorf("%s: got %g %q %v", test.name, amount, unit, known)
		}
	}
}
