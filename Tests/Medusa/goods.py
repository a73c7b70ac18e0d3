"""What an owner does in Medusa's admin, over the admin's API."""

import subprocess

from medusa import Store


def drawn(kind: str, width: int, height: int) -> bytes:
    """A picture as GraphicsMagick makes it."""
    return subprocess.run(["gm", "convert", "-size", f"{width}x{height}", "gradient:red-blue", f"{kind}:-"], check=True, capture_output=True).stdout


class Owner:
    def __init__(self, store: Store):
        self.store, self.headers = store, store.as_owner()

    def ask(self, path: str, body=None, *, method: str | None = None) -> dict:
        answer = self.store.ask(f"/admin/{path}", body, method=method, headers=self.headers)
        assert answer.status == 200, f"{path}: {answer.status} {answer.text}"
        return answer.body

    def one(self, path: str, key: str) -> dict:
        return self.ask(path)[key][0]

    def product(self, title: str, price: float = 10, **more) -> dict:
        [product] = self.products({"title": title, "price": price, **more})
        return product

    def products(self, *wanted: dict) -> list[dict]:
        """Published products, each with a variant for each pair of its options' values. `stock` pieces are there of each, or as many as are asked for."""
        currency = self.one("regions", "regions")["currency_code"]
        channel, profile = self.one("sales-channels", "sales_channels")["id"], self.one("shipping-profiles", "shipping_profiles")["id"]

        def described(title: str, price: float, stock: int | None = None, options: dict[str, list[str]] | None = None, **more) -> dict:
            options = options or {"Kind": ["Standard"]}
            variants: list[dict[str, str]] = [{}]
            for name, values in options.items():
                variants = [{**variant, name: value} for variant in variants for value in values]
            return {
                "title": title, "status": "published", "options": [{"title": name, "values": values} for name, values in options.items()],
                "sales_channels": [{"id": channel}], "shipping_profile_id": profile, **more,
                "variants": [{
                    "title": " / ".join(it.values()), "options": it, "manage_inventory": stock is not None,
                    "prices": [{"currency_code": currency, "amount": price + number}],
                } for number, it in enumerate(variants)],
            }

        created = {it["title"]: it for it in self.ask("products/batch", {"create": [described(**it) for it in wanted]})["created"]}
        made = [created[it["title"]] for it in wanted]
        location = self.one("stock-locations", "stock_locations")["id"]
        for product, it in zip(made, wanted):
            for variant in product["variants"] if it.get("stock") is not None else ():
                [(item,)] = self.store.database.query("SELECT inventory_item_id FROM product_variant_inventory_item WHERE variant_id = %s", variant["id"])
                self.ask(f"inventory-items/{item}/location-levels", {"location_id": location, "stocked_quantity": it["stock"]})
        return made

    def reprice(self, product: dict, amount: float) -> None:
        [variant] = product["variants"]
        currency = self.one("regions", "regions")["currency_code"]
        self.ask(f"products/{product['id']}/variants/{variant['id']}", {"prices": [{"currency_code": currency, "amount": amount}]})

    def upload(self, name: str, content: bytes, media: str) -> str:
        """The file's address."""
        boundary = "boundary0123456789"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {media}\r\n\r\n'
        answer = self.store.ask("/admin/uploads", raw=head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), headers={
            **self.headers, "Content-Type": f"multipart/form-data; boundary={boundary}",
        })
        assert answer.status == 200, answer.text
        return answer.body["files"][0]["url"]

    def settings(self, **metadata: str) -> None:
        """The store's metadata, which the storefront reads."""
        self.ask(f"stores/{self.one('stores', 'stores')['id']}", {"metadata": metadata})

    def promotion(self, code: str, percent: int) -> None:
        self.ask("promotions", {"code": code, "type": "standard", "status": "active", "application_method": {
            "type": "percentage", "target_type": "items", "allocation": "across", "value": percent,
        }})
