package main

// User is what clients see of a user, and all that is decoded of one.
type User struct {
	ID        int    `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Tier      string `json:"tier"`
	AvatarURL string `json:"avatarUrl"`
	Address   struct {
		City    string `json:"city"`
		Country string `json:"country"`
	} `json:"address"`
	Preferences struct {
		Locale   string `json:"locale"`
		Currency string `json:"currency"`
	} `json:"preferences"`
}

// Member is a user, and what else to ask for.
type Member struct {
	User

	OrgID     int    `json:"orgId"`
	CartID    string `json:"cartId"`
	AddressID int    `json:"addressId"`
}

// Profile is a user with what belongs to it.
type Profile struct {
	User    Member `json:"user"`
	Org     Small  `json:"org"`
	Cart    Small  `json:"cart"`
	Address Small  `json:"address"`
}

// Inventory is the stock of a product.
type Inventory struct {
	SKU       string `json:"sku"`
	Available bool   `json:"available"`
	Quantity  int    `json:"quantity"`
}

// Product is a product in a list.
type Product struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Price struct {
		Amount   float64 `json:"amount"`
		Currency string  `json:"currency"`
	} `json:"price"`
	Rating  float64 `json:"rating"`
	Summary string  `json:"summary"`
	Images  []Image `json:"images"`
	Brand   struct {
		Name string `json:"name"`
	} `json:"brand"`
}

// Image is one image of a product.
type Image struct {
	URL string `json:"url"`
	W   int    `json:"w"`
	H   int    `json:"h"`
	Alt string `json:"alt"`
}

// Orders are a page of orders.
type Orders struct {
	Total int     `json:"total"`
	Items []Order `json:"items"`
}

// Order is one order of a page.
type Order struct {
	ID        string  `json:"id"`
	Status    string  `json:"status"`
	Amount    float64 `json:"amount"`
	CreatedAt string  `json:"createdAt"`
}

// Home is the first screen of an app.
type Home struct {
	User      User      `json:"user"`
	Inventory Inventory `json:"inventory"`
	Product   Product   `json:"product"`
	Orders    Orders    `json:"orders"`
}

// Small is an organisation, a cart or an address.
type Small struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

// Item is a user as part of a fan-out.
type Item struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Tier    string `json:"tier"`
	Address struct {
		City string `json:"city"`
	} `json:"address"`
}

// Page are orders of which little is kept.
type Page struct {
	Total int         `json:"total"`
	Items []PageOrder `json:"items"`
}

// PageOrder is one order of a page of which little is kept.
type PageOrder struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}
