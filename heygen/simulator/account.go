package simulator

import (
	"cmp"
	"math"
	"net/http"
)

// The wallet starts full and pays for every accepted second, as HeyGen's does.
const (
	walletUSD      = 1_000_000.0
	pricePerSecond = 0.0667 // USD, a filmed avatar at 1080p
)

func (s *Simulator) getAccount(*http.Request) answer {
	type autoReload struct {
		Enabled bool `json:"enabled"`
	}
	type wallet struct {
		Currency         string     `json:"currency"`
		RemainingBalance float64    `json:"remaining_balance"`
		AutoReload       autoReload `json:"auto_reload"`
	}
	now, spent := s.opts.Clock(), 0.0
	for _, v := range s.state.accepted() {
		if v.status(now) != failed {
			spent += clipSeconds * pricePerSecond
		}
	}
	return success(struct {
		Username    string `json:"username"`
		Email       string `json:"email"`
		FirstName   string `json:"first_name"`
		LastName    string `json:"last_name"`
		BillingType string `json:"billing_type"`
		Wallet      wallet `json:"wallet"`
	}{
		cmp.Or(s.opts.Account, "simulated"), "account@example.com", "Simulated", "Account", "wallet",
		wallet{Currency: "usd", RemainingBalance: math.Round((walletUSD-spent)*100) / 100},
	})
}
