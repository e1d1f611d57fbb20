"""From checked price files to a `PriceTable`, in which every fall-back, alias and period is worked out."""
