package heygen

import (
	"context"
	"time"
)

// UsersService calls /v3/users.
type UsersService struct{ client *Client }

// User is the account behind the key. At most one of Wallet, Subscription and
// UsageBased is set, as BillingType says.
type User struct {
	Username     string        `json:"username"`
	Email        string        `json:"email"`
	BillingType  string        `json:"billing_type"` // wallet, subscription, usage_based
	Wallet       *Wallet       `json:"wallet"`
	Subscription *Subscription `json:"subscription"`
	UsageBased   *UsageBased   `json:"usage_based"`
}

// Remaining returns what the account can still spend, and in which unit; known
// is false if HeyGen does not say.
func (u User) Remaining() (amount float64, unit string, known bool) {
	switch {
	case u.Wallet != nil && u.Wallet.RemainingBalance != nil:
		return *u.Wallet.RemainingBalance, u.Wallet.Currency, true
	case u.UsageBased != nil && u.UsageBased.RemainingCredits != nil:
		return *u.UsageBased.RemainingCredits, "credits", true
	case u.UsageBased != nil && u.UsageBased.SpendingCapUSD != nil && u.UsageBased.SpendingCurrentUSD != nil:
		return *u.UsageBased.SpendingCapUSD - *u.UsageBased.SpendingCurrentUSD, "usd", true
	}
	return 0, "", false
}

// Wallet is a prepaid balance.
type Wallet struct {
	Currency         string   `json:"currency"`          // usd, credits
	RemainingBalance *float64 `json:"remaining_balance"` // nil if HeyGen does not say
}

// Subscription is a plan.
type Subscription struct {
	Plan string `json:"plan"`
}

// UsageBased is an account that pays afterwards. Amounts are nil if HeyGen
// does not say.
type UsageBased struct {
	RemainingCredits   *float64 `json:"remaining_credits"`
	SpendingCapUSD     *float64 `json:"spending_cap_usd"`
	SpendingCurrentUSD *float64 `json:"spending_current_usd"`
}

// Me returns the account: the cheapest way to learn whether the key is good.
func (s *UsersService) Me(ctx context.Context) (User, error) {
	var a answer[User]
	if err := s.client.get(ctx, "me", "/v3/users/me", nil, &a); err != nil {
		return User{}, err
	}
	return a.Data, nil
}

// Key is what HeyGen tells of the API key itself.
type Key struct {
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`     // what it may do, in HeyGen's words; empty if HeyGen does not say
	ExpiresAt *time.Time `json:"expires_at"` // nil: never, or HeyGen does not say
}

// Key returns what the key may do, and until when. HeyGen's July specification
// does not know the call, so an error says nothing about the key.
func (s *UsersService) Key(ctx context.Context) (Key, error) {
	var a answer[Key]
	if err := s.client.get(ctx, "key", "/v3/api_keys/self", nil, &a); err != nil {
		return Key{}, err
	}
	return a.Data, nil
}
