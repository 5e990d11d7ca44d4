"""The policy of SimSiam's views of `side` pixels, as the peers write it. The smallest have no blur."""

BLUR = {32: 0, 96: 9, 224: 23}  # taps of the Gaussian


def albumentations(side):
    import albumentations as A
    import cv2
    cv2.setNumThreads(1)
    blur = BLUR[side]
    return A.Compose([
        A.RandomResizedCrop((side, side), scale=(.2, 1)),
        A.HorizontalFlip(),
        A.ColorJitter(.4, .4, .4, .1, p=.8),
        A.ToGray(p=.2)] + ([A.GaussianBlur(blur_limit=(blur, blur), sigma_limit=(.1, 2), p=.5)] if blur else []))


def torchvision(side):
    from torchvision.transforms import v2
    blur = BLUR[side]
    return v2.Compose([
        v2.RandomResizedCrop(side, scale=(.2, 1), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomApply([v2.ColorJitter(.4, .4, .4, .1)], .8),
        v2.RandomGrayscale(.2)] + ([v2.RandomApply([v2.GaussianBlur(blur, (.1, 2))], .5)] if blur else []))
