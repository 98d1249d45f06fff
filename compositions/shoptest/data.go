package shoptest

const day = "2026-11-01T09:00:00Z"

var address = object{"street": "12 St James's Square", "city": "London", "postcode": "SW1Y 4JH", "country": "GB"}

var users = map[string]object{
	Customer: {"id": Customer, "name": "Ada Lovelace", "email": "ada@example.com", "segment": "gold", "locale": "en-GB", "created_at": day, "address": address},
	Other:    {"id": Other, "name": "Grace Hopper", "email": "grace@example.com", "segment": "regular", "locale": "en-US", "created_at": day, "address": address},
}

// p5 has neither a price nor a stock nor an image.
var products = map[string]object{
	"p1": newProduct("p1", "Green tea", "p2", "p3"),
	"p2": newProduct("p2", "Teapot", "p1"),
	"p3": newProduct("p3", "Cup"),
	"p4": newProduct("p4", "Kettle"),
	"p5": {"id": "p5", "title": "Tin", "description": "Empty.", "brand": "Leaf", "category_id": "tea", "images": []object{},
		"variants": []object{}, "attributes": object{}, "related": []string{}, "updated_at": day},
}

func newProduct(id, title string, related ...string) object {
	return object{
		"id": id, "title": title, "description": title + ", as it should be.", "brand": "Leaf", "category_id": "tea",
		"images":     []object{{"path": "/assets/products/" + id + "-1.svg", "alt": title, "width": 640, "height": 480}},
		"variants":   []object{{"id": id + "-v1", "name": "Small", "attributes": object{"size": "S"}}},
		"attributes": object{"origin": "Uji"}, "related": append([]string{}, related...), "updated_at": day,
	}
}

var prices = map[string]object{
	"p1": {"product_id": "p1", "currency": "EUR", "amount_cents": 450, "list_cents": 600},
	"p2": {"product_id": "p2", "currency": "EUR", "amount_cents": 2900, "list_cents": 2900},
	"p3": {"product_id": "p3", "currency": "EUR", "amount_cents": 800, "list_cents": 800},
	"p4": {"product_id": "p4", "currency": "EUR", "amount_cents": 4900, "list_cents": 5200},
}

var stocks = map[string]object{
	"p1": {"item": "p1", "available": 12, "reserved": 2, "warehouse": "AMS-1", "restock_at": nil},
	"p2": {"item": "p2", "available": 0, "reserved": 0, "warehouse": "AMS-1", "restock_at": day},
	"p3": {"item": "p3", "available": 3, "reserved": 0, "warehouse": "AMS-1", "restock_at": nil},
	"p4": {"item": "p4", "available": 1, "reserved": 1, "warehouse": "AMS-1", "restock_at": nil},
}

var orders = map[string]object{
	Order: {"id": Order, "user_id": Customer, "status": "shipped", "total_cents": 1250, "currency": "EUR", "placed_at": day, "ship_to": address,
		"lines": []object{{"product": "p1", "quantity": 1, "unit_cents": 450}, {"product": "p3", "quantity": 1, "unit_cents": 800}}},
	Foreign: {"id": Foreign, "user_id": Other, "status": "placed", "total_cents": 2900, "currency": "EUR", "placed_at": day, "ship_to": address,
		"lines": []object{{"product": "p2", "quantity": 1, "unit_cents": 2900}}},
}

var review = object{
	"id": "r1", "product_id": "p1", "user_id": Customer, "rating": 5, "title": "Fresh",
	"text": "Tastes of spring.", "helpful": 3, "created_at": day,
}
