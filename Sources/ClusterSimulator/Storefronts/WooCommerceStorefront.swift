/// WooCommerce's Store API as far as a guest's order goes: one product, free shipping, cash on delivery.
enum WooCommerceStorefront {
    static let api = "/wp-json/wc/store/v1"

    /// `nil` for a path that is none of the Store API's.
    static func answer(_ request: StorefrontRequest, in ledger: inout OrderLedger) -> APIResponse? {
        guard let route = request.route(below: api) ?? request.restRoute(below: "/wc/store/v1") else { return nil }
        switch route {
        case ["GET", "products"]: return .json([product])
        case ["GET", "checkout"]:
            guard let cart = request.headers["cart-token"].flatMap({ ledger[$0] }), cart.items > 0 else {
                return refusal(400, "woocommerce_rest_cart_empty", "Cannot create order from empty cart.")
            }
            return .json(["order_id": JSONValue(ledger.nextNumber), "status": "checkout-draft", "payment_method": ""])
        case ["GET", "cart"]:
            let known = request.headers["cart-token"].flatMap { ledger[$0] == nil ? nil : $0 }
            return answer(known ?? ledger.open("cart"), in: ledger)
        case let parts where parts.count == 3 && parts[..<2] == ["GET", "order"]:
            guard let order = Int(parts[2]).flatMap(ledger.order), order["order_key"].string == request.query["key"] else {
                return refusal(404, "woocommerce_rest_invalid_order", "Invalid order ID or key provided.")
            }
            return .json(order)
        case let parts where parts.first == "POST":
            guard let token = request.headers["cart-token"], let cart = ledger[token] else {
                return refusal(401, "woocommerce_rest_missing_nonce", "Missing the Nonce header.")
            }
            return change(token, cart, parts.dropFirst().joined(separator: "/"), request.body, in: &ledger)
        default: return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        }
    }

    private static func change(
        _ token: String,
        _ before: OrderLedger.Cart,
        _ action: String,
        _ body: JSONValue,
        in ledger: inout OrderLedger
    ) -> APIResponse {
        var cart = before
        switch action {
        case "cart/add-item":
            guard body["id"].int == 1 else {
                return refusal(400, "woocommerce_rest_cart_invalid_product", "This product cannot be added to the cart.")
            }
            cart.items += body["quantity"].int ?? 1
        case "cart/update-customer": cart.address = body["shipping_address"]
        case "cart/select-shipping-rate":
            guard body["rate_id"].string == "free_shipping:1" else {
                return refusal(400, "woocommerce_rest_cart_invalid_rate", "The shipping rate does not exist.")
            }
            cart.shipping = "free_shipping:1"
        case "checkout": return checkout(token, cart, body, in: &ledger)
        default: return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        }
        ledger[token] = cart
        return answer(token, in: ledger, status: action == "cart/add-item" ? 201 : 200)
    }

    private static func checkout(_ token: String, _ cart: OrderLedger.Cart, _ body: JSONValue, in ledger: inout OrderLedger) -> APIResponse
    {
        guard cart.items > 0 else { return refusal(400, "woocommerce_rest_cart_empty", "Cannot create order from empty cart.") }
        guard cart.shipping != nil else {
            return refusal(400, "woocommerce_rest_invalid_shipping_option", "There is no shipping option selected.")
        }
        guard let email = body["billing_address"]["email"].string else {
            return refusal(400, "rest_missing_callback_param", "Missing parameter(s): billing_address")
        }
        guard body["payment_method"].string == "cod" else {
            return refusal(400, "woocommerce_rest_checkout_payment_method_disabled", "This payment gateway is not available.")
        }
        let key = "wc_order_" + token
        let number = ledger.place(["order_key": .string(key), "status": "processing", "billing_address": ["email": .string(email)]])
        ledger[token] = nil
        return .json([
            "order_id": JSONValue(number), "status": "processing", "order_key": .string(key), "payment_method": "cod",
            "payment_result": ["payment_status": "success"],
        ])
    }

    private static func answer(_ token: String, in ledger: OrderLedger, status: Int = 200) -> APIResponse {
        let cart = ledger[token] ?? OrderLedger.Cart()
        let rates: JSONValue = [["rate_id": "free_shipping:1", "name": "Free shipping", "selected": .bool(cart.shipping != nil)]]
        var response = APIResponse.json(
            [
                "items": cart.items == 0 ? [] : [["id": 1, "quantity": JSONValue(cart.items)]], "items_count": JSONValue(cart.items),
                "needs_shipping": .bool(cart.items > 0), "payment_methods": ["cod"],
                "shipping_rates": cart.items == 0 || cart.address.isNull ? [] : [["package_id": 0, "shipping_rates": rates]],
            ],
            status: status
        )
        response.headers["Cart-Token"] = token
        return response
    }

    private static func refusal(_ status: Int, _ code: String, _ message: String) -> APIResponse {
        .json(["code": .string(code), "message": .string(message), "data": ["status": JSONValue(status)]], status: status)
    }

    private static let product: JSONValue = [
        "id": 1, "name": "Simulated product", "slug": "simulated-product", "permalink": "/product/simulated-product",
        "prices": ["price": "1900", "currency_code": "USD", "currency_minor_unit": 2], "is_purchasable": true, "is_in_stock": true,
    ]
}
